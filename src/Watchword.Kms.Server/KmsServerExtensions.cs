using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Administration;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Events;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Observability;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server;

/// <summary>Wiring of the KMS into a web application.</summary>
public static class KmsServerExtensions
{
    /// <summary>Where the IdM servers push their security events (RFC 8935).</summary>
    public const string SecurityEventsPath = "/events";

    /// <summary>The requests about other KMSs (TS 33.180 D.2.5 to D.2.8).</summary>
    private static readonly string[] PartnerResources =
        ["/certcache/{**rest}", "/cert/{**rest}", "/lookup/{**rest}", "/redirect/{**rest}"];

    /// <summary>Adds the KMS: its domain, opened at start, the validation of access tokens, rate limit and health
    /// checks.</summary>
    /// <param name="services">The host's services. A <see cref="TimeProvider"/> added before is used.</param>
    /// <param name="settings">The checked configuration.</param>
    /// <param name="authorization">The section <c>Authorization</c>: audience and trusted issuers.</param>
    public static IServiceCollection AddKms(this IServiceCollection services, KmsSettings settings, IConfiguration authorization)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<KmsState>();
        services.AddWatchwordHosting(new HostingSettings(
            KmsMetrics.Names, settings.Tls, settings.Certificate!, settings.Telemetry, settings.DrainTime,
            settings.InstanceName));
        services.AddSingleton<IssuanceInstruments>();
        services.AddSingleton<PreparationInstruments>();
        services.AddSingleton<PreparationServices>();
        services.AddHostedService<KmsStartup>();
        services.AddHostedService<AuditCheckpointing>();
        services.AddHostedService<PreparationWork>();
        services.AddSingleton<KmsMetrics>();
        services.AddSingleton<QuirkLedger>();
        services.AddSingleton<ClientProfiles>();
        services.AddSingleton<KmsAnswers>();
        services.AddSingleton<DeniedRequests>();
        services.AddSingleton<RequesterStanding>();
        services.AddSingleton<ISecurityEventSink, StoreSecurityEventSink>();
        services.AddSingleton<RequestProtection>();
        services.AddSingleton<KeyRequestReader>();
        services.AddSingleton<KeyProvisioning>();
        services.AddSingleton<PartnerServices>();
        // The acts of officers, for whoever runs in this process; usable once the host has started.
        services.AddTransient(provider => provider.GetRequiredService<KmsState>().TransportKeys);
        services.AddTransient(provider => provider.GetRequiredService<PartnerServices>().Directory);
        services.AddTransient(provider => provider.GetRequiredService<PartnerServices>().Grants);
        services.AddSingleton<CertificateRequests>();
        services.AddSingleton<IAuthorizationFailureWriter, AuthorizationFailureAnswers>();
        services.AddWatchwordAuthorization(authorization);
        if (settings.AssertedIdentity is { } asserted)
        {
            services.AddSingleton(asserted);
            services.AddSingleton<MatcherPolicy, AssertedIdentitySelector>();
            services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AssertedIdentityHandler>(
                AssertedIdentityHandler.Scheme, configureOptions: null);
        }

        services.AddHealthChecks()
            .AddCheck<DomainReadiness>("domain", tags: [HealthAnswer.ReadyTag])
            .AddCheck<StoreReadiness>("store", tags: [HealthAnswer.ReadyTag])
            .AddCheck<ClockReadiness>("clock", tags: [HealthAnswer.ReadyTag]);
        services.AddKmsAdministration(settings.Admin);
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(AdminRateLimit.PolicyName, AdminRateLimit.PartitionFor);
            limiter.OnRejected = RequesterRateLimit.RejectAsync;
        });
        return services;
    }

    /// <summary>Adds what every request passes: correlation id, errors as KmsError XML, authentication, authorisation, rate
    /// limit.</summary>
    public static void UseKms(this WebApplication application)
    {
        MetricsListener.Use(application);
        application.UseMiddleware<CorrelationMiddleware>();
        RequestObserver.Use(application, RouteTemplates.Of, context => context.TraceIdentifier);
        application.UseMiddleware<FaultMiddleware>();
        application.UseKmsAdministrationFaults();
        application.UseRouting();
        application.UseAuthentication();
        application.UseAuthorization();
        application.UseMiddleware<RequesterRateLimit>();
        application.UseRateLimiter();
        application.UseKmsAdministrationGuard();
    }

    /// <summary>Maps the requests of TS 33.180 D.2 and the health endpoints; everything else is answered with a
    /// KmsError.</summary>
    /// <returns>The endpoints that need an access token.</returns>
    public static IEndpointConventionBuilder MapKms(this WebApplication application)
    {
        RouteGroupBuilder keyed = MapProvisioning(application, Credential.Token);
        keyed.RequireMcScope(McResource.KeyManagement);
        if (application.Services.GetService<AssertedIdentitySettings>() is not null)
        {
            MapProvisioning(application, Credential.AssertedIdentity).RequireAuthorization(
                new AuthorizationPolicyBuilder(AssertedIdentityHandler.Scheme).RequireAuthenticatedUser().Build());
        }

        application.Map(AnnexDPaths.Root + "/init", RefuseMethod);
        application.Map(AnnexDPaths.Root + "/keyprov/{**rest}", RefuseMethod);
        application.MapSecurityEvents(SecurityEventsPath);
        foreach (string resource in PartnerResources)
        {
            application.Map(AnnexDPaths.Root + resource, RefuseMethod);
        }

        application.Map(AnnexDPaths.Root + "/{**rest}", RefuseUnknown);
        application.MapHealthChecks(HealthAnswer.LivePath, HealthAnswer.Live);
        application.MapHealthChecks(HealthAnswer.ReadyPath, HealthAnswer.Ready);
        application.MapKmsAdministration();
        application.MapFallback("{**path}", (RequestDelegate)(_ => throw new KmsException(KmsError.UnknownResource)));
        return keyed;
    }

    private static RouteGroupBuilder MapProvisioning(WebApplication application, Credential credential)
    {
        RouteGroupBuilder group = application.MapGroup(AnnexDPaths.Root);
        RequestDelegate provision = context => context.RequestServices.GetRequiredService<KeyProvisioning>().HandleAsync(context);
        group.MapPost("/init", provision);
        group.MapPost("/keyprov/{**rest}", provision);
        RequestDelegate tell = context => context.RequestServices.GetRequiredService<CertificateRequests>().HandleAsync(context);
        foreach (string resource in PartnerResources)
        {
            group.MapPost(resource, tell);
        }

        group.WithMetadata(new CredentialMetadata(credential), RequesterRateLimit.Mark);
        return group;
    }

    private static Task RefuseMethod(HttpContext context)
    {
        context.Response.Headers.Allow = HttpMethods.Post;
        throw new KmsException(KmsError.MethodNotAllowed);
    }

    /// <summary>Deployed clients know resources that no release of D.2 has.</summary>
    private static Task RefuseUnknown(HttpContext context)
    {
        context.RequestServices.GetRequiredService<KmsMetrics>().UnknownResource(context.GetRouteValue("rest") as string);
        context.RequestServices.GetRequiredService<ClientProfiles>().Count(context, Quirk.UnknownResource);
        throw new KmsException(KmsError.UnknownResource);
    }
}
