using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Authorization;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>What a resource server makes of a token: the real validation, with keys fetched from the IdM server.</summary>
internal sealed class ResourceServer : IDisposable
{
    private readonly ServiceProvider services;
    private readonly string directory;

    private ResourceServer(ServiceProvider services, string directory)
    {
        this.services = services;
        this.directory = directory;
    }

    public static async Task<ResourceServer> StartAsync(
        IdmHost idm, string audience, bool acceptMissingAudience = false, params string[] domains)
    {
        string directory = Directory.CreateTempSubdirectory("watchword-resource-").FullName;
        string ca = Path.Combine(directory, "ca.pem");
        await File.WriteAllTextAsync(ca, TestCertificates.Authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        Dictionary<string, string?> settings = new()
        {
            ["Audience"] = audience,
            ["Issuers:0:Issuer"] = idm.Issuer,
            ["Issuers:0:MetadataAddress"] = idm.Issuer + "/.well-known/openid-configuration",
            ["Issuers:0:CaFile"] = ca,
            ["Issuers:0:AcceptMissingAudience"] = acceptMissingAudience.ToString(),
            ["Issuers:0:SecurityEvents:Policy"] = nameof(SilencePolicy.Off),
        };
        foreach ((int index, string domain) in (domains.Length > 0 ? domains : ["mc.example.org"]).Index())
        {
            settings[$"Issuers:0:IdentityDomains:{index}"] = domain;
        }

        ServiceCollection services = new();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(idm.Time);
        services.AddWatchwordAuthorization(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return new ResourceServer(services.BuildServiceProvider(), directory);
    }

    /// <summary>The fault of a token; none if it would be let in.</summary>
    public async Task<AuthorizationFault> ValidateAsync(string token) =>
        (await services.GetRequiredService<AccessTokenValidator>().ValidateAsync(token, TestContext.Current.CancellationToken)).Fault;

    public void Dispose()
    {
        services.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
