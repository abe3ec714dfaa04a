using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Each_refusal_is_logged_under_its_number_without_token_or_identity()
    {
        using TestIssuer issuer = new("https://idms.mc.example.org");
        using Settings settings = new();
        settings.Trust(issuer);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        string expired = issuer.Token(TestClaims.User(issuer).With("exp", 1));
        string good = issuer.Token(TestClaims.User(issuer));

        await server.ShouldRefuseAsync(expired, AuthorizationFault.Expired);
        await server.GetAsync(issuer.Token(TestClaims.User(issuer).With("scope", "openid")));
        await server.GetAsync(good);

        server.Log.Entries.ShouldContain(entry => entry.Id.Id == 4052 && entry.Id.Name == "Expired" && entry.Level == LogLevel.Information);
        server.Log.Entries.ShouldContain(entry => entry.Id.Id == 4090);
        foreach ((LogLevel _, EventId _, string text) in server.Log.Entries)
        {
            text.ShouldNotContain(expired);
            text.ShouldNotContain(good);
            text.ShouldNotContain("eyJ");
            text.ShouldNotContain("alice");
            text.ShouldNotContain("mcx-ue-1");
        }
    }

    [Fact]
    public async Task Refusals_are_counted_by_fault()
    {
        using TestIssuer issuer = new("https://idms.mc.example.org");
        using Settings settings = new();
        settings.Trust(issuer);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        List<(string Instrument, string Tags)> seen = [];
        using MeterListener listener = new();
        IMeterFactory factory = server.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Watchword.Authorization" && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (seen)
            {
                seen.AddRange(Enumerable.Repeat((instrument.Name, string.Join(' ', tags.ToArray())), (int)value));
            }
        });
        listener.Start();

        await server.GetAsync("a.b");
        await server.GetAsync("a.b");
        await server.GetAsync();
        await server.GetAsync(issuer.Token(TestClaims.User(issuer)));

        lock (seen)
        {
            seen.ShouldBe(
            [
                ("watchword.authorization.refused", "[fault, NotThreeSegments] [code, 4010]"),
                ("watchword.authorization.refused", "[fault, NotThreeSegments] [code, 4010]"),
                ("watchword.authorization.refused", "[fault, TokenMissing] [code, 4000]"),
                ("watchword.authorization.key_fetches", $"[issuer, {issuer.Name}] [outcome, ok]"),
                ("watchword.authorization.accepted", $"[issuer, {issuer.Name}]"),
            ]);
        }
    }

    [Fact]
    public void Every_fault_has_a_number_in_the_block_a_status_and_a_text_that_a_header_may_carry()
    {
        foreach (AuthorizationFault fault in Enum.GetValues<AuthorizationFault>().Where(fault => fault != AuthorizationFault.None))
        {
            ((int)fault).ShouldBeInRange(4000, 4899);
            AuthorizationFaults.StatusOf(fault).ShouldBeOneOf(400, 401, 403, 503);
            AuthorizationFaults.ReasonOf(fault).ShouldAllBe(c => c >= ' ' && c <= '~' && c != '"' && c != '\\');
        }
    }

    [Fact]
    public async Task The_validator_serves_hosts_without_HTTP()
    {
        using TestIssuer issuer = new("https://idms.mc.example.org");
        using Settings settings = new();
        settings.Trust(issuer);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        AccessTokenValidator validator = server.Services.GetRequiredService<AccessTokenValidator>();

        AccessTokenValidation good = await validator.ValidateAsync(
            issuer.Token(TestClaims.User(issuer)), TestContext.Current.CancellationToken);
        AccessTokenValidation bad = await validator.ValidateAsync("a.b.c", TestContext.Current.CancellationToken);

        good.Fault.ShouldBe(AuthorizationFault.None);
        good.Principal!.ExpiresAt.ShouldBe(TestClaims.Now.AddHours(1));
        good.Principal.ClientId.ShouldBe("mcx-ue-1");
        good.Principal.Scopes.Count.ShouldBe(13);
        bad.Principal.ShouldBeNull();
        bad.Fault.ShouldBe(AuthorizationFault.SegmentNotBase64Url);
    }
}
