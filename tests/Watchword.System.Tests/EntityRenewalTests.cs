using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Cli.Profiles;
using Watchword.Client;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>A network entity renews its keys with the command: it has no refresh token, so its credential is read each time.</summary>
public sealed class EntityRenewalTests(LabFixture lab)
{
    private const string Profile = "mcx";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_needs_the_file_of_its_private_key_and_no_log_in()
    {
        LabEntity entity = lab.Description.Entities["mcx-server"];
        await CreateProfileAsync(entity);
        (int without, JsonObject refused) = await RenewAsync();
        without.ShouldBe((int)ExitCode.NotLoggedIn);
        ((string)refused["error"]!["next"]!).ShouldContain("--credential FILE");

        (int code, JsonObject result) = await RenewAsync("--credential", entity.Credential);
        code.ShouldBe(0, result.ToString());
        ((bool)result["complete"]!).ShouldBeTrue();
        result["events"]!.AsArray().ShouldContain(
            what => (string)what!["kind"]! == "keySetRenewed" && (string)what["userUri"]! == entity.Uri);
    }

    private async Task<(int Code, JsonObject Result)> RenewAsync(params string[] options)
    {
        using TestConsole console = new(lab.Directories.Profiles, null);
        string[] arguments = ["keys", "renew", "--profile", Profile, "--json", .. options];
        int code = await WatchwordCommand.RunAsync(arguments, console, Token);
        JsonObject result = JsonNode.Parse(console.StandardOutput.ToString()!).ShouldBeOfType<JsonObject>();
        JsonShape.Check(console, arguments, code, result);
        return (code, result);
    }

    /// <summary>What a program that links the library leaves behind.</summary>
    private async Task CreateProfileAsync(LabEntity entity)
    {
        ProfileLocation location = new(Profile, Path.Combine(lab.Directories.Profiles, "profiles", Profile));
        location.Create();
        string keyFile = Path.Combine(lab.Directories.Root, Profile + ".profile-key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        using KeyStore store = await KeyStore.CreateAsync(location.Directory, unlock, TimeProvider.System, cancellationToken: Token);
        using EntityCredential credential = EntityCredential.FromFile(entity.ClientId, entity.Credential);
        using TlsTrust trust = TlsTrust.FromCaFile(lab.Description.Ca);
        using IdmClient idm = new(
            new IdmClientOptions { Issuer = lab.Description.Idm, ClientId = entity.ClientId }, trust, TimeProvider.System);
        await new TokenCache(idm, store, credential).LogInEntityAsync(entity.Uri, Token);
        new ProfileSettings
        {
            Idm = lab.Description.Idm, ClientId = entity.ClientId, Ca = lab.Description.Ca, Kms = lab.Description.Kms,
            KeyFile = keyFile,
        }.Write(location);
    }
}
