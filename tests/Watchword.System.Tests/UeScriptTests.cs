using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Watchword.Cli;
using Watchword.Client;
using Watchword.Lab;
using Watchword.Mikey;

namespace Watchword.SystemTests;

/// <summary><c>watchword ue up</c> and <c>ue down</c> against a whole lab, seen from both sides: what the command says, and what the servers log and hold.</summary>
public sealed class UeScriptTests(UeLab lab) : IClassFixture<UeLab>, IDisposable
{
    private static readonly string[] Services = ["MCPTT", "MCVideo", "MCData"];

    private readonly string _home = TemporaryDirectory.Create();

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private LabUser Dispatcher => lab.Description.Users[LabDomain.Dispatcher];

    private string[] Identities => [Dispatcher.McpttId!, Dispatcher.McvideoId!, Dispatcher.McdataId!];

    private string Profile => Path.Combine(_home, "profiles", "ue");

    [Fact]
    public async Task A_ue_comes_up_for_three_services_refreshes_and_goes_down()
    {
        int issued = await lab.CountIssuedAsync(Dispatcher.McvideoId!);
        UeRun up = await UeLab.RunAsync(lab.UpLine(_home), _home);
        up.ExitCode.ShouldBe(0, up.ToString());
        string[] expected =
        [
            "initial configuration", "user authentication", "HTTP proxy", "KMS initialize", "KMS key provision",
            .. Services.Select(service => $"{service} token"),
            "SIP user agent", "SIP registration",
            .. Services.Select(service => $"{service} service authorisation"),
            .. Services.SelectMany(service => (string[])[
                $"{service} configuration subscription", $"{service} UE configuration", $"{service} user profile",
                $"{service} service configuration"]),
            .. Services.Select(service => $"{service} settings"),
            .. Services.SelectMany(service => (string[])[$"{service} groups subscription", $"{service} group keys by NOTIFY"]),
            $"group {LabProvisioning.Group}", $"keys of group {LabProvisioning.Group}",
        ];
        up.Of("done").ShouldBe(expected, up.ToString());
        up.ResultOf("HTTP proxy").ShouldStartWith(lab.Servers.Ports.ProxyUrl);

        await SeenByServersAsync(issued);
        string client = await ClientIdAsync();
        uint[] keys = await CsksAsync();
        keys.Length.ShouldBe(3);
        (await HoldsGroupKeysAsync()).ShouldBeTrue();
        string kept = await File.ReadAllTextAsync(Path.Combine(Profile, "ue.json"), TestContext.Current.CancellationToken);
        kept.ShouldNotContain("eyJ", Case.Sensitive, "no token outside the key store");

        // Again, without options: the same client, no second binding, no second subscription, other CSKs.
        UeRun again = await UeLab.RunAsync("watchword ue up --profile ue", _home);
        again.ExitCode.ShouldBe(0, again.ToString());
        again.ResultOf("user authentication").ShouldStartWith("logged in already");
        foreach (string service in Services)
        {
            again.ResultOf($"{service} service authorisation").ShouldContain("refreshed");
            again.ResultOf($"{service} configuration subscription").ShouldStartWith("refreshed");
            again.ResultOf($"{service} groups subscription").ShouldStartWith("refreshed");
        }

        (await ClientIdAsync()).ShouldBe(client);
        (await lab.CountAsync("mcx_bindings", $"ClientId = '{client}'")).ShouldBe(3);
        (await lab.CountAsync("mcx_bindings")).ShouldBe(3);
        (await lab.CountAsync("subscriptions")).ShouldBe(6);
        (await CsksAsync()).Intersect(keys).ShouldBeEmpty();

        await GoDownAsync();
        UeRun nothing = await UeLab.RunAsync("watchword ue down --profile ue", _home);
        nothing.ExitCode.ShouldBe(0, nothing.ToString());
        nothing.Of("skipped").ShouldBe(["servers"]);
        (await ClientIdAsync()).ShouldBe(client);
    }

    [Theory]
    [InlineData("--register --sip-transport udp", 3, 0)]
    [InlineData("--register --clear", 0, 0)]
    [InlineData("--clear --sip-transport udp", 0, 1)]
    public async Task Each_form_of_service_authorisation_binds(string options, int csks, int source)
    {
        UeRun up = await UeLab.RunAsync(lab.UpLine(_home, options), _home);
        up.ExitCode.ShouldBe(0, up.ToString());
        up.Of("failed").ShouldBeEmpty();
        string client = await ClientIdAsync();
        (await lab.CountAsync("mcx_bindings", $"ClientId = '{client}' AND Source = {source} AND ProfileIndex = 1")).ShouldBe(3);
        (await lab.CountAsync("mcx_bindings", $"ClientId = '{client}' AND Csk IS NOT NULL")).ShouldBe(csks);
        (await CsksAsync()).Length.ShouldBe(csks);
        await GoDownAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_said_with_clause_and_next_step_and_leaves_nothing()
    {
        string password = Path.Combine(_home, "wrong");
        await File.WriteAllTextAsync(password, "not-the-password\n", TestContext.Current.CancellationToken);
        string line = lab.UpLine(_home).Split(" < ")[0] + " < " + password;

        UeRun run = await UeLab.RunAsync(line, _home);

        run.ExitCode.ShouldBe((int)ExitCode.Refused, run.ToString());
        run.Of("done").ShouldBe(["initial configuration"]);
        run.Of("failed").ShouldBe(["user authentication"]);
        run.Error.ShouldContain("user authentication (TS 33.180 5.1.2, B.4)");
        run.Error.ShouldContain("next:");
        run.ToString().ShouldNotContain("not-the-password");
        Directory.Exists(Profile).ShouldBeFalse();
        lab.Log.Count(3101, "Log-in refused").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Without_the_sip_core_what_goes_over_http_goes_on()
    {
        string line = lab.UpLine(_home).Replace(lab.Description.SipCore, $"127.0.0.1:{ClosedPort()}", StringComparison.Ordinal);

        UeRun run = await UeLab.RunAsync(line, _home);

        run.ExitCode.ShouldBe((int)ExitCode.Unreachable, run.ToString());
        run.Error.ShouldContain("the SIP core does not answer");
        run.Error.ShouldContain("next: check --sip-proxy");
        run.Of("failed").ShouldContain("SIP registration");
        run.Of("failed").ShouldContain("MCPTT service authorisation");
        string[] done = run.Of("done");
        foreach (string service in Services)
        {
            done.ShouldContain($"{service} user profile");
        }

        done.ShouldContain($"keys of group {LabProvisioning.Group}");
        (await HoldsGroupKeysAsync()).ShouldBeTrue();

        // What was not confirmed is not forgotten by itself, but on request.
        UeRun forgotten = await UeLab.RunAsync("watchword ue down --profile ue --local", _home);
        forgotten.ExitCode.ShouldBe(0, forgotten.ToString());
        (await CsksAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_service_that_is_refused_does_not_stop_the_others()
    {
        const string other = "urn:uuid:5fbb3ea7-43a5-4c21-9c8c-4a6c1b0e7d22";
        await lab.Provisioning.WriteInitialConfigurationAsync(other, "sip:mcvideo@elsewhere.example", TestContext.Current.CancellationToken);
        string line = lab.UpLine(_home).Replace(LabProvisioning.UeId, other, StringComparison.Ordinal);

        UeRun run = await UeLab.RunAsync(line, _home);

        run.ExitCode.ShouldBe((int)ExitCode.Refused, run.ToString());
        run.Of("failed").ShouldBe(["MCVideo service authorisation"], run.ToString());
        run.Error.ShouldContain("MCVideo service authorisation (TS 33.180 5.1.3.1 C-3, 5.1.3.2.3, TS 24.281 7.2.2)");
        run.Error.ShouldContain("cause: status 404");
        run.Error.ShouldContain("next:");
        run.Of("notProvisioned").ShouldBe([.. Services.Select(service => $"{service} UE configuration")]);
        string client = await ClientIdAsync();
        (await lab.CountAsync("mcx_bindings", $"ClientId = '{client}'")).ShouldBe(2);
        run.Of("done").ShouldContain("MCVideo user profile");
        (await CsksAsync()).Length.ShouldBe(2);
        await GoDownAsync();
    }

    /// <summary>Each step in the logs and databases of its server.</summary>
    private async Task SeenByServersAsync(int issued)
    {
        lab.Log.Count(3100, "Log-in of").ShouldBeGreaterThan(0, "IdM server: the log-in");
        lab.Log.Count(3200, "Token for").ShouldBeGreaterThan(3, "IdM server: a token for each service");
        (await lab.CountIssuedAsync(Dispatcher.McvideoId!)).ShouldBeGreaterThan(issued, "KMS: the audit of the key set");
        foreach (string service in Services)
        {
            lab.Log.Count(7530, $"Authorized ({service})").ShouldBeGreaterThan(0, $"MCX server: {service}");
        }

        foreach (string resource in (string[])["ConfigurationManagement", "GroupManagement"])
        {
            lab.Log.Count(7206, $"{resource}: 200").ShouldBeGreaterThanOrEqualTo(3, $"SUBSCRIBE at {resource}");
        }

        lab.Log.Count(7207, "NOTIFY").ShouldBeGreaterThanOrEqualTo(6);
        lab.Log.Count(2180, "POST kms 200").ShouldBeGreaterThanOrEqualTo(2, "HTTP proxy: on the way to the KMS");
        lab.Log.Count(2180, "GET services 200").ShouldBeGreaterThan(9, "HTTP proxy: on the way to documents");
        lab.Log.Count(2180, "GET /cms/{**document} 200").ShouldBeGreaterThan(9, "CMS: initial configuration, and three documents of each service");
        lab.Log.Count(2180, "GET /gms/{**document} 200").ShouldBeGreaterThan(0, "GMS: the group");
        lab.Log.Count(2180, "GET /gms/group-keys/{group} 200").ShouldBeGreaterThan(0, "GMS: its keys");
        (await lab.CountAsync("mcx_bindings", "Csk IS NOT NULL AND ProfileIndex = 1")).ShouldBe(3);
        (await lab.CountAsync("mcx_registrations", "Services <> 0")).ShouldBeGreaterThan(0);
        (await lab.CountAsync("subscriptions", "Realm = 'ConfigurationManagement'")).ShouldBe(3);
        (await lab.CountAsync("subscriptions", "Realm = 'GroupManagement'")).ShouldBe(3);
        foreach (string identity in Identities)
        {
            (await lab.CountAsync("mcx_bindings", $"ServiceId = '{identity}'")).ShouldBe(1);
            (await lab.CountAsync("group_key_holders", $"MemberUri = '{identity}'")).ShouldBeGreaterThan(0, "GMS: who holds the key");
        }
    }

    private async Task GoDownAsync()
    {
        UeRun down = await UeLab.RunAsync("watchword ue down --profile ue", _home);
        down.ExitCode.ShouldBe(0, down.ToString());
        down.Of("failed").ShouldBeEmpty();
        string client = await ClientIdAsync();
        (await lab.CountAsync("mcx_bindings", $"ClientId = '{client}'")).ShouldBe(0);
        await lab.WaitForAsync("subscriptions", 0);
        (await CsksAsync()).ShouldBeEmpty();
    }

    private async Task<string> ClientIdAsync()
    {
        using JsonDocument state = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Profile, "ue.json"), TestContext.Current.CancellationToken));
        return state.RootElement.GetProperty("clientId").GetString()!;
    }

    private async Task<KeyStore> OpenAsync()
    {
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(Path.Combine(_home, "ue.key"));
        return await KeyStore.OpenAsync(Profile, unlock, TimeProvider.System);
    }

    /// <summary>CSKs that can still be used.</summary>
    private async Task<uint[]> CsksAsync()
    {
        using KeyStore store = await OpenAsync();
        return [.. store.ServiceKeys.Where(key => key is { Purpose: KeyPurpose.Csk, IsRevoked: false }).Select(key => key.KeyId)];
    }

    /// <summary>Whether each identity has the key of the group to send under.</summary>
    private async Task<bool> HoldsGroupKeysAsync()
    {
        using KeyStore store = await OpenAsync();
        return Identities.All(
            identity => store.FindSendingKey(ServiceKeyScope.ForGroup(identity, LabProvisioning.Group)) is not null);
    }

    private static int ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
