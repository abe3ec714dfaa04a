using Microsoft.Extensions.Options;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>A bad configuration refuses to start and lists every fault.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TestIssuer _home = new("https://idms.mc.example.org");
    private readonly Settings _settings = new();

    public void Dispose()
    {
        _settings.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Every_fault_is_listed_at_once()
    {
        _settings
            .Set("Audience", "")
            .Trust("https://idms.mc.example.org", ("MetadataAddress", "http://idms.mc.example.org/x"), ("IdentityDomains:0", "a@b"))
            .Trust("https://idms.mc.example.org", ("JwksUri", "ftp://x"), ("Algorithms:0", "HS256"), ("EntityUris:0", "gms"));

        OptionsValidationException refused = await Should.ThrowAsync<OptionsValidationException>(StartAsync);

        string[] faults = [.. refused.Failures];
        faults.Length.ShouldBe(7);
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Audience:", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("appears 2 times", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Issuers:0:MetadataAddress:", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Issuers:0:IdentityDomains:", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Issuers:1:JwksUri:", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Issuers:1:Algorithms:", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.StartsWith("Authorization:Issuers:1:EntityUris:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Leeway", "00:00:31")]
    [InlineData("Leeway", "-00:00:01")]
    [InlineData("KeyRefreshInterval", "00:00:00")]
    [InlineData("KeyMaximumAge", "00:00:01")]
    [InlineData("UnknownKeyRefetchInterval", "00:00:00")]
    [InlineData("FetchRetryDelay", "02:00:00")]
    [InlineData("FetchTimeout", "00:00:00")]
    [InlineData("Issuers:0:Issuer", "")]
    [InlineData("Issuers:0:IdentityDomains:0", "")]
    [InlineData("Issuers:0:IdentityDomains:0", "mc.example.org:5060")]
    [InlineData("Issuers:0:IdentityDomains:0", "*")]
    [InlineData("Issuers:0:Algorithms:0", "none")]
    [InlineData("Issuers:0:Algorithms:0", "es256")]
    [InlineData("Issuers:0:MetadataAddress", "https://idms.mc.example.org/x")]
    [InlineData("Issuers:0:JwksFile", "")]
    [InlineData("Issuers:0:JwksFile", "/nonexistent/file.jwks")]
    [InlineData("Issuers:0:CaFile", "/nonexistent/ca.pem")]
    public async Task One_fault_refuses_the_start(string key, string value)
    {
        _settings.Trust(_home).Set(key, value);

        OptionsValidationException refused = await Should.ThrowAsync<OptionsValidationException>(StartAsync);

        refused.Failures.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("SecurityEvents:MaxSilence", "00:00:00.5")]
    [InlineData("SecurityEvents:MaxSilence", "2.00:00:00")]
    [InlineData("SecurityEvents:Introspection:Endpoint", "http://idms.mc.example.org/introspect")]
    [InlineData("SecurityEvents:Introspection:CacheLifetime", "00:00:11")]
    [InlineData("SecurityEvents:Introspection:KeyFile", "/nonexistent/key.pem")]
    public async Task A_fault_of_security_events_or_introspection_refuses_the_start(string key, string value)
    {
        string file = _settings.WriteFile("introspection.pem", System.Security.Cryptography.ECDsa.Create(
            System.Security.Cryptography.ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _settings.Trust(
            _home,
            ("SecurityEvents:Introspection:Endpoint", "https://idms.mc.example.org/introspect"),
            ("SecurityEvents:Introspection:KeyFile", file));
        _settings.Set("Issuers:0:" + key, value);

        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Failures.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_issuer_without_a_word_on_security_events_refuses_the_start()
    {
        _settings.Trust(_home).Remove("Issuers:0:SecurityEvents:Policy");

        OptionsValidationException refused = await Should.ThrowAsync<OptionsValidationException>(StartAsync);

        refused.Failures.ShouldHaveSingleItem().ShouldContain("SecurityEvents");
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}""")]
    public async Task A_key_file_without_usable_key_refuses_the_start(string content)
    {
        _settings.Trust(_home.Name, ("JwksFile", _settings.WriteFile("bad.jwks", content)));

        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Failures.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData(null)]
    public async Task A_CA_file_without_certificate_refuses_the_start(string? content)
    {
        string file = content is null ? "/nonexistent/ca.pem" : _settings.WriteFile("ca.pem", content);
        _settings.Trust(_home.Name, ("JwksUri", "https://localhost/jwks"), ("CaFile", file));

        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Failures.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task No_issuer_refuses_the_start() =>
        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Failures.ShouldHaveSingleItem();

    [Fact]
    public async Task A_misspelt_key_refuses_the_start()
    {
        _settings.Trust(_home, ("AcceptMissingAudiance", "true"));

        (await Should.ThrowAsync<InvalidOperationException>(StartAsync)).ToString().ShouldContain("AcceptMissingAudiance");
    }

    private Task StartAsync() => ResourceServer.StartAsync(_settings.Values);
}
