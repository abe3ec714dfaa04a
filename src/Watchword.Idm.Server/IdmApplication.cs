using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Watchword.Hosting;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Hosting;
using Watchword.Idm.Server.InterDomain;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Pages;
using Watchword.Idm.Server.Protocol;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server;

/// <summary>Builds the IdM server, for the executable and for a process that hosts it with others.</summary>
public static class IdmApplication
{
    private const long MaxRequestBodySize = 1024 * 1024;

    /// <summary>
    /// Builds the server. <paramref name="configure"/> may add configuration and services; a <see cref="TimeProvider"/> that it
    /// registers is the server's only clock.
    /// </summary>
    /// <param name="args">Configuration on the command line, as <c>--Idm:Issuer=https://...</c>.</param>
    /// <param name="configure">What the host adds.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        // OpenIddict and EF Core log parameters of requests and of statements at lower levels: identities would be among them.
        builder.Logging.AddFilter("OpenIddict", LogLevel.Error);
        builder.Logging.AddWatchwordFilters();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        configure?.Invoke(builder);
        // A host in the same process may have brought a clock of its own.
        TimeProvider? clock = builder.Services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))
            ?.ImplementationInstance as TimeProvider;
        IdmSettings settings = IdmSettings.Read(builder.Configuration, clock);
        AddServices(builder.Services, builder.Configuration);
        builder.Services.AddWatchwordHosting(settings.Hosting);
        ConfigureKestrel(builder, settings);

        WebApplication app = builder.Build();
        MetricsListener.Use(app);
        CorrelationId.Use(app);
        RequestObserver.Use(app, RouteTemplates.Of, CorrelationId.Of);
        Problems.Use(app);
        app.UseRouting();
        AdministratorGuard.Use(app);
        app.UseAuthentication();
        MapEndpoints(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, ConfigurationManager configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<IdmOptions>().Bind(configuration.GetSection(IdmOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdmOptions>, IdmOptionsValidator>();
        services.AddSingleton<IdmIssuer>();
        services.AddSingleton<SigningKeyRing>();
        services.AddDbContext<IdmDbContext>((provider, database) => database
            .UseSqlite($"Data Source={Path.Combine(provider.GetRequiredService<IOptions<IdmOptions>>().Value.DataDirectory, StartCheck.DatabaseFileName)}")
            .UseOpenIddict());

        services.AddOptions<PasswordHasherOptions>().Configure<IOptions<IdmOptions>>(
            (hasher, options) => hasher.IterationCount = options.Value.LogIn.PasswordIterations);
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddSingleton<DecoyHash>();
        services.AddScoped<PasswordCheck>();
        services.AddScoped<AccountDirectory>();
        services.AddScoped<ClientDirectory>();
        services.AddScoped<AdministratorBootstrap>();
        services.AddScoped<AdministratorGuard>();
        services.AddScoped<ActingAdministrator>();
        AddSecurityEvents(services);
        AddInterDomain(services);

        services.AddDataProtection().AddKeyManagementOptions(keys => keys.XmlRepository = new MemoryKeyRepository());
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.FormFieldName = LogInPage.AntiforgeryField;
            antiforgery.Cookie.Name = "__Host-watchword-login";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication();
        services.AddMetrics();
        services.AddRouting();
        OpenIddictSetup.Add(services);
        services.AddHostedService<StartCheck>();
        services.AddHostedService<EventDelivery>();
        services.AddHostedService<Maintenance>();
        services.AddHealthChecks()
            .AddCheck<StoreReadiness>("store", tags: [HealthAnswer.ReadyTag])
            .AddCheck<SigningKeyReadiness>("signing_key", tags: [HealthAnswer.ReadyTag])
            .AddCheck<EventCheck>("events", tags: [HealthAnswer.ReadyTag]);
    }

    private static void AddSecurityEvents(IServiceCollection services)
    {
        services.AddSingleton<EventSignal>();
        services.AddSingleton<EventProgress>();
        services.AddSingleton<SecurityEventTokens>();
        services.AddScoped<EventOutbox>();
        services.AddScoped<EventStreams>();
    }

    private static void AddInterDomain(IServiceCollection services)
    {
        services.AddSingleton<InterDomainMetrics>();
        services.AddSingleton<PrimaryServers>();
        services.AddSingleton<SecurityTokens>();
        services.AddSingleton<SecurityTokenValidator>();
        services.AddScoped<TokenExchange>();
        services.AddScoped<SecurityTokenGrant>();
        services.AddScoped<ForeignDirectory>();
    }

    private static void ConfigureKestrel(WebApplicationBuilder builder, IdmSettings settings)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((KestrelServerOptions kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
            ReloadingCertificate certificates = kestrel.ApplicationServices.GetRequiredService<ReloadingCertificate>();
            foreach (string address in settings.Options.Listen)
            {
                _ = ListenAddress.TryParse(address, out ListenAddress listen);
                void UseTls(ListenOptions listener) => listener.UseHttps(https =>
                {
                    TlsProfile.Apply(https, certificates);
                    // A network entity may show a certificate; MatchClientCertificate compares it with the registered one.
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
                if (listen.Address is null)
                {
                    kestrel.ListenLocalhost(listen.Port, UseTls);
                }
                else
                {
                    kestrel.Listen(listen.Address, listen.Port, UseTls);
                }
            }

            MetricsListener.Listen(kestrel, settings.Telemetry, certificates);
        });
    }

    private static void MapEndpoints(WebApplication app)
    {
        foreach (string path in (string[])[AuthorizationEndpoint.Path, AuthorizationEndpoint.LogInPath])
        {
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Post], (Delegate)AuthorizationEndpoint.HandleAsync);
        }

        app.MapPost(TokenEndpoint.Path, TokenEndpoint.HandleAsync);
        AdminApi.Map(app);
        app.MapHealthChecks(HealthAnswer.LivePath, HealthAnswer.Live);
        app.MapHealthChecks(HealthAnswer.ReadyPath, HealthAnswer.Ready);
    }
}
