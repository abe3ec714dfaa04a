using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class SigningKeyTests
{
    [Fact]
    public async Task Keys_accounts_and_refresh_tokens_survive_a_restart()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        await host.AddAliceAsync();
        TokenAnswer tokens;
        using (CodeFlow flow = new(host))
        {
            tokens = await flow.GetTokensAsync();
        }

        string issuer = host.Issuer;
        // The port is free, so the restarted server is told the old issuer: refresh tokens are bound to it.
        await host.RestartAsync(new() { ["Idm:Listen:0"] = "https://127.0.0.1:" + new Uri(issuer).Port });
        host.Issuer.ShouldBe(issuer);
        (await ValidateAsync(host, tokens.AccessToken)).IsValid.ShouldBeTrue();
        using CodeFlow after = new(host);
        (await after.RefreshAsync(tokens.RefreshToken)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task Keys_are_announced_used_retired_and_removed_without_a_gap()
    {
        await using IdmHost host = await IdmHost.StartAsync(new()
        {
            ["Idm:SigningKeyLifetime"] = "90.00:00:00", ["Idm:SigningKeyAnnouncement"] = "7.00:00:00", ["Idm:RefreshTokenLifetime"] = "14.00:00:00",
        });
        await host.AddAliceAsync();
        using CodeFlow flow = new(host);
        string first = Kid((await flow.GetTokensAsync()).AccessToken);
        (await KidsAsync(host)).Length.ShouldBe(2, "one key for each algorithm");

        host.Time.Advance(TimeSpan.FromDays(83) - TimeSpan.FromMinutes(1));
        (await KidsAsync(host)).Length.ShouldBe(2);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        string[] announced = await KidsAsync(host);
        announced.Length.ShouldBe(4, "the next generation is published a week ahead");
        TokenAnswer last = await flow.GetTokensAsync();
        Kid(last.AccessToken).ShouldBe(first, "and not used before its time");

        host.Time.Advance(TimeSpan.FromDays(7));
        TokenAnswer next = await flow.RefreshAsync(last.RefreshToken);
        next.Error.ShouldBeNull("a refresh token of the retired generation still holds");
        string second = Kid(next.AccessToken);
        second.ShouldNotBe(first);
        announced.ShouldContain(second);
        (await KidsAsync(host)).ShouldContain(first, "the retired key stays published");

        host.Time.Advance(TimeSpan.FromDays(14) + TimeSpan.FromHours(1));
        (await KidsAsync(host)).ShouldNotContain(first);
        Kid((await flow.GetTokensAsync()).AccessToken).ShouldBe(second);
    }

    [Fact]
    public async Task A_server_that_slept_past_the_end_of_its_keys_announces_new_ones_before_it_uses_them()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        await host.AddAliceAsync();
        using CodeFlow flow = new(host);
        string first = Kid((await flow.GetTokensAsync()).AccessToken);
        host.Time.Advance(TimeSpan.FromDays(400));
        (await KidsAsync(host)).Length.ShouldBe(4);
        Kid((await flow.GetTokensAsync()).AccessToken).ShouldBe(first);
        host.Time.Advance(TimeSpan.FromDays(7));
        Kid((await flow.GetTokensAsync()).AccessToken).ShouldNotBe(first);
    }

    [Fact]
    public async Task The_published_keys_are_public_and_check_the_tokens()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        await host.AddAliceAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync();
        JsonElement jwks = await JwksAsync(host);
        foreach (JsonElement key in jwks.GetProperty("keys").EnumerateArray())
        {
            key.EnumerateObject().Select(member => member.Name).ShouldNotContain(name => "d p q dp dq qi k".Split(' ', StringSplitOptions.None).Contains(name));
            key.GetProperty("use").GetString().ShouldBe("sig");
            key.GetProperty("alg").GetString().ShouldBeOneOf("ES256", "RS256");
        }

        (await ValidateAsync(host, tokens.AccessToken)).IsValid.ShouldBeTrue();
        string[] parts = tokens.AccessToken.Split('.');
        string forged = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace("alice.ptt", "mallory", StringComparison.Ordinal);
        (await ValidateAsync(host, $"{parts[0]}.{Base64UrlEncoder.Encode(forged)}.{parts[2]}")).IsValid.ShouldBeFalse();
    }

    [Fact]
    public async Task The_key_file_is_sealed_and_open_to_its_owner_alone()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        string path = Path.Combine(host.Directory, "data", SigningKeyRing.FileName);
        string kek = Path.Combine(host.Directory, "kek");
        SigningKeyGeneration active = host.Services.GetRequiredService<SigningKeyRing>().Active;
        byte[] content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        byte[] secret = ((ECDsaSecurityKey)active.Es256.Key).ECDsa.ExportParameters(includePrivateParameters: true).D!;
        content.AsSpan().IndexOf(secret).ShouldBe(-1);
        Encoding.UTF8.GetString(content).ShouldNotContain(Convert.ToBase64String(secret)[..40]);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            File.GetUnixFileMode(path).ShouldBe(owner);
            File.GetUnixFileMode(kek).ShouldBe(owner);
        }
    }

    [Fact]
    public async Task A_passphrase_serves_as_custody_and_a_wrong_one_does_not_open_the_keys()
    {
        string directory = Directory.CreateTempSubdirectory("watchword-idm-test-").FullName;
        try
        {
            string file = Path.Combine(directory, "passphrase");
            await File.WriteAllTextAsync(file, "a passphrase of some length\n", TestContext.Current.CancellationToken);
            Restrict(file);
            Dictionary<string, string?> settings = new()
            {
                ["Idm:Custody:KeyEncryptionKeyFile"] = null, ["Idm:Custody:PassphraseFile"] = file,
            };
            await using IdmHost host = await IdmHost.StartAsync(settings, directory);
            string[] kids = await KidsAsync(host);
            await host.RestartAsync(settings);
            (await KidsAsync(host)).ShouldBe(kids);

            await File.WriteAllTextAsync(file, "another passphrase of some length\n", TestContext.Current.CancellationToken);
            IdmStartException refusal = await Should.ThrowAsync<IdmStartException>(() => host.RestartAsync(settings));
            refusal.Message.ShouldContain("cannot be opened");
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(directory, recursive: true);
        }
    }

    internal static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static string Kid(string token) => Jwt.Header(token).GetProperty("kid").GetString()!;

    private static async Task<JsonElement> JwksAsync(IdmHost host)
    {
        using HttpClient http = host.CreateClient();
        return await http.GetFromJsonAsync<JsonElement>("/.well-known/jwks", TestContext.Current.CancellationToken);
    }

    private static async Task<string[]> KidsAsync(IdmHost host) =>
        [.. (await JwksAsync(host)).GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];

    private static async Task<TokenValidationResult> ValidateAsync(IdmHost host, string token) =>
        await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = host.Issuer,
            ValidAudience = IdmHost.KmsAudience,
            ValidTypes = ["at+jwt"],
            IssuerSigningKeys = JsonWebKeySet.Create((await JwksAsync(host)).GetRawText()).Keys,
            ValidateLifetime = false,
        });
}
