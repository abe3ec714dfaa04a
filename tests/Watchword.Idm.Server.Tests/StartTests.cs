using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class StartTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("watchword-idm-test-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_server_that_was_not_initialised_does_not_start()
    {
        await using WebApplication app = Build();
        IdmStartException refusal = await Should.ThrowAsync<IdmStartException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        refusal.Message.ShouldContain("'init'");
        Directory.Exists(Path.Combine(directory, "data")).ShouldBeFalse("a refused start leaves nothing behind");
    }

    [Theory]
    [InlineData(true, "lab")]
    [InlineData(false, "production")]
    public async Task Data_of_a_lab_and_of_production_do_not_mix(bool lab, string word)
    {
        await using (WebApplication first = Build(new() { ["Lab:Enabled"] = lab.ToString() }))
        {
            await IdmInitialization.RunAsync(first, TestContext.Current.CancellationToken);
        }

        await using WebApplication second = Build(new() { ["Lab:Enabled"] = (!lab).ToString() });
        IdmStartException refusal = await Should.ThrowAsync<IdmStartException>(() => second.StartAsync(TestContext.Current.CancellationToken));
        refusal.Message.ShouldContain(word);
    }

    [Fact]
    public async Task Initialising_again_makes_a_new_code_only_while_there_is_no_administrator()
    {
        await using IdmHost host = await IdmHost.StartAsync(directory: directory);
        await using WebApplication again = Build();
        FirstAdministratorCode? second = await IdmInitialization.RunAsync(again, TestContext.Current.CancellationToken);
        second.ShouldNotBeNull().Code.ShouldNotBe(host.OneTimeCode);
        second.Code.Length.ShouldBe(32);
        await host.AddAccountAsync("root", administrator: true);
        (await IdmInitialization.RunAsync(again, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public void Every_fault_of_the_configuration_is_listed_at_once()
    {
        OptionsValidationException faults = Should.Throw<OptionsValidationException>(() => IdmApplication.Create(
        [
            "--Idm:Issuer=http://idm.example.org", "--Idm:Listen:0=http://0.0.0.0:80", "--Idm:AccessTokenLifetime=400.00:00:00",
            "--Idm:ResourceServers:0:Scopes:0=openid", "--Idm:IdentityDomains:0=MC.example.org", "--Idm:LogIn:MaxFailures=1",
        ]));
        foreach (string key in (string[])
            [
                "Idm:DataDirectory", "Idm:Issuer", "Idm:Listen", "Idm:Tls:CertificateFile", "Idm:Tls:KeyFile", "Idm:Custody",
                "Idm:AccessTokenLifetime", "Idm:ResourceServers:0:Audience", "Idm:ResourceServers:0:Scopes", "Idm:IdentityDomains",
                "Idm:LogIn:MaxFailures",
            ])
        {
            faults.Failures.ShouldContain(fault => fault.StartsWith(key, StringComparison.Ordinal), key);
        }
    }

    [Theory]
    [InlineData("https://idm.example.org", true)]
    [InlineData("https://idm.example.org/", true)]
    [InlineData("https://idm.example.org:8443", true)]
    [InlineData("https://IDM.example.org", false)]
    [InlineData("https://idm.example.org:443", false)]
    [InlineData("https://idm.example.org/path", false)]
    [InlineData("https://idm.example.org?x", false)]
    [InlineData("idm.example.org", false)]
    public void An_issuer_is_an_https_url_in_its_normal_form(string issuer, bool good)
    {
        Configuration.IdmOptions options = new() { Issuer = issuer };
        ValidateOptionsResult result = new Configuration.IdmOptionsValidator().Validate(null, options);
        result.Failures!.Any(fault => fault.StartsWith("Idm:Issuer", StringComparison.Ordinal)).ShouldBe(!good);
    }

    [Fact]
    public async Task A_key_file_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        await using (IdmHost host = await IdmHost.StartAsync(directory: directory))
        {
            host.OneTimeCode.ShouldNotBeEmpty();
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(directory, "kek"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        await using WebApplication app = Build();
        (await Should.ThrowAsync<IdmStartException>(() => app.StartAsync(TestContext.Current.CancellationToken))).Message.ShouldContain("0600");
    }

    [Fact]
    public async Task Damaged_signing_keys_are_refused()
    {
        await using (IdmHost host = await IdmHost.StartAsync(directory: directory))
        {
            host.OneTimeCode.ShouldNotBeEmpty();
        }

        string path = Path.Combine(directory, "data", Keys.SigningKeyRing.FileName);
        string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        // Another time of activation: the sealed keys are bound to the one that they were made for.
        await File.WriteAllTextAsync(path, text.Replace("\"activatesAtMilliseconds\": 1", "\"activatesAtMilliseconds\": 2", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using WebApplication app = Build();
        (await Should.ThrowAsync<IdmStartException>(() => app.StartAsync(TestContext.Current.CancellationToken))).Message.ShouldContain("damaged");
    }

    [Fact]
    public void Every_fault_has_its_line_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "idm.md"));
        IdmFault.All.Select(fault => fault.Code).Distinct(StringComparer.Ordinal).Count().ShouldBe(IdmFault.All.Count);
        foreach (IdmFault fault in IdmFault.All)
        {
            page.ShouldContain($"| `{fault.Code}` | {fault.Status} |");
        }
    }

    private WebApplication Build(Dictionary<string, string?>? settings = null) =>
        IdmHost.Build(directory, settings, new FakeTimeProvider(TimeProvider.System.GetUtcNow()), new RecordingLogger());
}
