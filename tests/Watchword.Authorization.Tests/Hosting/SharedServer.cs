namespace Watchword.Authorization.Tests.Hosting;

/// <summary>
/// One server for many tests, which leave its clock alone: a home issuer, and a partner with other domains, RS256 only, that
/// sends no audience.
/// </summary>
public sealed class SharedServer : IAsyncLifetime
{
    public const string PartnerDomain = "partner.example.net";

    private readonly Settings _settings = new();

    public TestIssuer Home { get; } = new("https://idms.mc.example.org", publishesRsa: true);

    public TestIssuer Partner { get; } = new("https://idms.partner.example.net", publishesRsa: true);

    public ResourceServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _settings
            .Trust(Home)
            .Trust(
                Partner,
                ("IdentityDomains:0", PartnerDomain),
                ("EntityUris:0", "sip:gms.partner.example.net"),
                ("AcceptMissingAudience", "true"),
                ("Algorithms:0", "RS256"));
        Server = await ResourceServer.StartAsync(_settings.Values);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _settings.Dispose();
        Home.Dispose();
        Partner.Dispose();
    }
}
