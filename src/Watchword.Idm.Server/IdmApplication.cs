using System.Diagnostics.CodeAnalysis;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Hosting;
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
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        configure?.Invoke(builder);
        AddServices(builder.Services, builder.Configuration);
        ConfigureKestrel(builder);

        WebApplication app = builder.Build();
        CorrelationId.Use(app);
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
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready").AddCheck<EventCheck>("events");
    }

    private static void AddSecurityEvents(IServiceCollection services)
    {
        services.AddSingleton<EventSignal>();
        services.AddSingleton<EventProgress>();
        services.AddSingleton<SecurityEventTokens>();
        services.AddScoped<EventOutbox>();
        services.AddScoped<EventStreams>();
    }

    [SuppressMessage("Security", "CA5398", Justification = "The TLS profile of TS 33.210 clause 6.2 names these two versions.")]
    private static void ConfigureKestrel(WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((KestrelServerOptions kestrel) =>
        {
            IdmOptions options = kestrel.ApplicationServices.GetRequiredService<IOptions<IdmOptions>>().Value;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
            if (options.Listen.Count == 0)
            {
                return;
            }

            X509Certificate2Collection chain = [];
            X509Certificate2 certificate = LoadCertificate(options.Tls, chain);
            foreach (string address in options.Listen)
            {
                _ = ListenAddress.TryParse(address, out ListenAddress listen);
                void UseTls(ListenOptions listener) => listener.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ServerCertificateChain = chain;
                    https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                    https.OnAuthenticate = (_, authentication) => TlsProfile.Restrict(authentication);
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
        });
    }

    private static X509Certificate2 LoadCertificate(TlsOptions tls, X509Certificate2Collection chain)
    {
        try
        {
            chain.ImportFromPemFile(tls.CertificateFile);
            return X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
        }
        catch (Exception fault) when (fault is IOException or System.Security.Cryptography.CryptographicException)
        {
            throw new IdmStartException($"The TLS certificate {tls.CertificateFile} or its key cannot be read.", fault);
        }
    }

    private static void MapEndpoints(WebApplication app)
    {
        foreach (string path in (string[])[AuthorizationEndpoint.Path, AuthorizationEndpoint.LogInPath])
        {
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Post], (Delegate)AuthorizationEndpoint.HandleAsync);
        }

        app.MapPost(TokenEndpoint.Path, TokenEndpoint.HandleAsync);
        AdminApi.Map(app);
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapHealthChecks("/health/ready");
    }
}
