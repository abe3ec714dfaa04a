using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class StartTests
{
    [Fact]
    public async Task Without_a_domain_the_start_is_refused_and_nothing_is_made()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        KmsException fault = await StartFaultAsync(host);
        fault.Error.ShouldBe(KmsError.NoDomain);
        fault.Message.ShouldContain("init-domain");
        Directory.Exists(host.DataDirectory).ShouldBeFalse();
    }

    [Fact]
    public async Task An_empty_database_is_no_domain_either()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        Directory.CreateDirectory(host.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllBytesAsync(Path.Combine(host.DataDirectory, "kms.db"), [], TestContext.Current.CancellationToken);
        (await StartFaultAsync(host)).Error.ShouldBe(KmsError.NoDomain);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public async Task A_data_directory_that_others_can_enter_is_refused(UnixFileMode open)
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        File.SetUnixFileMode(host.DataDirectory, File.GetUnixFileMode(host.DataDirectory) | open);
        (await StartFaultAsync(host)).Error.ShouldBe(KmsError.SecretFilePermissions);
    }

    [Fact]
    public async Task A_lab_does_not_take_over_a_real_domain()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        await using WebApplication application = KmsApplication.Create(["--Lab:Enabled", "true"], builder =>
            builder.Configuration.AddInMemoryCollection(host.Settings()));
        KmsException fault = await Should.ThrowAsync<KmsException>(application.StartAsync(TestContext.Current.CancellationToken));
        fault.Error.ShouldBe(KmsError.LabData);
    }

    [Fact]
    public async Task A_production_start_refuses_lab_data()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        await KmsInitialization.CreateDomainAsync(
            host.Initialization(isLabData: true), host.Time, TestContext.Current.CancellationToken);
        (await StartFaultAsync(host)).Error.ShouldBe(KmsError.LabData);
    }

    [Fact]
    public async Task The_lab_serves_lab_data()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        await KmsInitialization.CreateDomainAsync(
            host.Initialization(isLabData: true), host.Time, TestContext.Current.CancellationToken);
        await using WebApplication application = KmsApplication.Create(["--Lab:Enabled", "true"], builder =>
            builder.Configuration.AddInMemoryCollection(host.Settings()));
        await application.StartAsync(TestContext.Current.CancellationToken);
        application.Urls.Single().ShouldStartWith("https://127.0.0.1:");
    }

    [Fact]
    public async Task A_second_initialisation_is_refused_and_changes_nothing()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        KmsCertificate before = await host.CertificateAsync();
        KmsException fault = await Should.ThrowAsync<KmsException>(
            KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, TestContext.Current.CancellationToken));
        fault.Error.ShouldBe(KmsError.DomainExists);
        await host.StartAgainAsync();
        (await host.CertificateAsync()).PublicAuthenticationKey.ShouldBe(before.PublicAuthenticationKey);
    }

    [Fact]
    public async Task A_lost_database_does_not_silently_begin_a_new_domain()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        foreach (string file in Directory.GetFiles(host.DataDirectory, "kms.db*"))
        {
            File.Delete(file);
        }

        (await StartFaultAsync(host)).Error.ShouldBe(KmsError.NoDomain);
        KmsException fault = await Should.ThrowAsync<KmsException>(
            KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, TestContext.Current.CancellationToken));
        fault.Error.ShouldBe(KmsError.CustodyWithoutDomain);
    }

    [Theory]
    [InlineData("readable by the group", KmsError.SecretFilePermissions)]
    [InlineData("another key", KmsError.KeyEncryptionKeyNotConfigured)]
    [InlineData("31 octets", KmsError.KeyEncryptionKeyMalformed)]
    [InlineData("gone", KmsError.SecretFileUnreadable)]
    public async Task A_wrong_key_encryption_key_stops_the_start(string kind, KmsError error)
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        byte[] key = await File.ReadAllBytesAsync(host.KeyFile, TestContext.Current.CancellationToken);
        switch (kind)
        {
            case "readable by the group":
                File.SetUnixFileMode(host.KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
                break;
            case "another key":
                key[0] ^= 1;
                await File.WriteAllBytesAsync(host.KeyFile, key, TestContext.Current.CancellationToken);
                break;
            case "31 octets":
                await File.WriteAllBytesAsync(host.KeyFile, key[..31], TestContext.Current.CancellationToken);
                break;
            default:
                File.Delete(host.KeyFile);
                break;
        }

        (await StartFaultAsync(host)).Error.ShouldBe(error);
    }

    [Fact]
    public void A_bad_configuration_lists_every_fault()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kms:PublicBaseUrl"] = "http://localhost",
            ["Kms:Listen:0"] = "http://127.0.0.1:0",
            ["Kms:OpeningWindowFraction"] = "1.5",
            ["Kms:HistoryPeriods"] = "-1",
            ["Kms:RequestTimeSkewSeconds"] = "0",
        }).Build();
        KmsException fault = Should.Throw<KmsException>(() => KmsSettings.Read(configuration));
        fault.Error.ShouldBe(KmsError.ConfigurationInvalid);
        foreach (string part in new[]
        {
            "Kms:DataDirectory", "Kms:Custody", "Kms:PublicBaseUrl", "Kms:Listen", "Kms:Tls", "Kms:OpeningWindowFraction",
            "Kms:HistoryPeriods",
            "Kms:RequestTimeSkewSeconds",
        })
        {
            fault.Message.ShouldContain(part);
        }
    }

    [Fact]
    public void A_misspelt_option_is_a_fault()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Kms:HistoryPeriod"] = "5" }).Build();
        Should.Throw<KmsException>(() => KmsSettings.Read(configuration)).Message.ShouldContain("HistoryPeriod");
    }

    private static async Task<KmsException> StartFaultAsync(KmsHost host)
    {
        await using WebApplication application = host.CreateApplication();
        return await Should.ThrowAsync<KmsException>(application.StartAsync(TestContext.Current.CancellationToken));
    }
}
