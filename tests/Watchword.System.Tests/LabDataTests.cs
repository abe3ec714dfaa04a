using System.Diagnostics;
using System.Text.Json;
using Watchword.Hosting;
using Watchword.Idm.Server;
using Watchword.Kms;
using Watchword.Kms.Server;
using Watchword.Lab;
using Watchword.ResourceServers;
using Watchword.ResourceServers.Configuration;

namespace Watchword.SystemTests;

/// <summary>The lab's data: described for tools, private, and of no use to a production start.</summary>
public sealed class LabDataTests(LabFixture lab)
{
    [Fact]
    public void The_description_has_what_tools_look_for()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(lab.Directories.Description));
        JsonElement root = document.RootElement;
        root.GetProperty("lab").GetBoolean().ShouldBeTrue();
        root.GetProperty("idm").GetString().ShouldBe(lab.Servers.Ports.IdmUrl);
        root.GetProperty("kms").GetString().ShouldBe(lab.Servers.Ports.KmsUrl);
        File.Exists(root.GetProperty("ca").GetString()).ShouldBeTrue();
        root.GetProperty("kms_uri").GetString().ShouldBe("kms.lab.example");
        root.GetProperty("partner_kms").GetString().ShouldBe(lab.Servers.Ports.PartnerKmsUrl);
        root.GetProperty("partner_kms_uri").GetString().ShouldBe("kms.partner.example");
        root.GetProperty("client_id").GetString().ShouldNotBeNullOrEmpty();
        root.GetProperty("redirect_uris").GetArrayLength().ShouldBeGreaterThan(0);
        JsonElement dispatcher = root.GetProperty("users").GetProperty("dispatcher");
        foreach (string member in (string[])["password", "mcptt_id", "mcvideo_id", "mcdata_id"])
        {
            dispatcher.GetProperty(member).GetString().ShouldNotBeNullOrEmpty();
        }

        root.GetProperty("users").GetProperty("medic").TryGetProperty("mcvideo_id", out _).ShouldBeFalse();
        root.GetProperty("users").TryGetProperty("leaver", out _).ShouldBeTrue();
        foreach (JsonProperty entity in root.GetProperty("entities").EnumerateObject())
        {
            entity.Value.GetProperty("uri").GetString()!.ShouldStartWith("sip:");
            File.Exists(entity.Value.GetProperty("credential").GetString()).ShouldBeTrue();
        }
    }

    [Fact]
    public void Nobody_else_can_read_a_secret_of_the_lab()
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        IEnumerable<string> secrets = [lab.Directories.Description, lab.Directories.IdmKeyEncryptionKey, lab.Directories.KmsKeyEncryptionKey,
            .. lab.Description.Entities.Values.Select(entity => entity.Credential), .. Directory.EnumerateFiles(lab.Directories.Passwords)];
        secrets.ShouldAllBe(file => (File.GetUnixFileMode(file) & others) == 0);
    }

    [Fact]
    public async Task A_production_start_of_the_kms_refuses_the_labs_data()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string[] settings =
        [
            $"--Kms:DataDirectory={lab.Directories.Kms}", $"--Kms:Custody:KeyEncryptionKeyFile={lab.Directories.KmsKeyEncryptionKey}",
            "--Kms:PublicBaseUrl=https://localhost:0", "--Kms:Listen:0=https://localhost:0",
            $"--Kms:Tls:CertificateFile={Path.Combine(lab.Directories.Root, "server.pem")}", $"--Kms:Tls:KeyFile={Path.Combine(lab.Directories.Root, "server.key")}",
            "--Authorization:Audience=https://kms.lab.example", $"--Authorization:Issuers:0:Issuer={lab.Description.Idm}",
            $"--Authorization:Issuers:0:MetadataAddress={lab.Description.Idm}/.well-known/openid-configuration",
            $"--Authorization:Issuers:0:CaFile={lab.Description.Ca}", "--Authorization:Issuers:0:IdentityDomains:0=lab.example",
            "--Authorization:Issuers:0:SecurityEvents:Policy=Off",
        ];
        KmsException refusal = await Should.ThrowAsync<KmsException>(async () =>
        {
            await using var application = KmsApplication.Create(settings);
            await application.StartAsync(cancellation);
        });
        refusal.Error.ShouldBe(KmsError.LabData);
    }

    [Fact]
    public async Task A_production_start_of_the_idm_server_refuses_the_labs_data()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string[] settings =
        [
            $"--Idm:DataDirectory={lab.Directories.Idm}", $"--Idm:Custody:KeyEncryptionKeyFile={lab.Directories.IdmKeyEncryptionKey}",
            "--Idm:Issuer=https://localhost:0", "--Idm:Listen:0=https://127.0.0.1:0", "--Idm:IdentityDomains:0=lab.example",
            $"--Idm:Tls:CertificateFile={Path.Combine(lab.Directories.Root, "server.pem")}", $"--Idm:Tls:KeyFile={Path.Combine(lab.Directories.Root, "server.key")}",
        ];
        IdmStartException refusal = await Should.ThrowAsync<IdmStartException>(async () =>
        {
            await using var application = IdmApplication.Create(settings);
            await application.StartAsync(cancellation);
        });
        refusal.Message.ShouldContain("lab");
    }

    [Fact]
    public async Task A_production_start_of_the_services_refuses_the_labs_data()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string data = LabFiles.CreateDirectory(TemporaryDirectory.Create(), "services");
        await File.WriteAllTextAsync(Path.Combine(data, "installation"), "lab", cancellation);
        string[] settings =
        [
            $"--Services:DataDirectory={data}", "--Services:Listen:0=https://127.0.0.1:0", "--Services:Configuration:Enabled=true",
            "--Services:Configuration:Audience=https://cms.lab.example",
            "--Services:Configuration:XcapRoot=https://localhost:0/cms",
            $"--Services:Tls:CertificateFile={Path.Combine(lab.Directories.Root, "server.pem")}",
            $"--Services:Tls:KeyFile={Path.Combine(lab.Directories.Root, "server.key")}",
            "--Authorization:Audience=https://cms.lab.example", $"--Authorization:Issuers:0:Issuer={lab.Description.Idm}",
            $"--Authorization:Issuers:0:MetadataAddress={lab.Description.Idm}/.well-known/openid-configuration",
            $"--Authorization:Issuers:0:CaFile={lab.Description.Ca}", "--Authorization:Issuers:0:IdentityDomains:0=lab.example",
            "--Authorization:Issuers:0:SecurityEvents:Policy=Off",
        ];
        ServerConfigurationException refusal = await Should.ThrowAsync<ServerConfigurationException>(async () =>
        {
            await using var application = ServicesApplication.Create(settings);
            await application.StartAsync(cancellation);
        });
        refusal.Message.ShouldContain("which a lab made");
        Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
    }

    [Fact]
    public async Task The_lab_stops_cleanly_on_an_interrupt()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string data = TemporaryDirectory.Create();
        string executable = Path.Combine(Path.GetDirectoryName(typeof(LabProgram).Assembly.Location)!, "Watchword.Lab.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [executable, "--data", data, "--port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(cancellation);
            }
            while (line is not null && !line.Contains("Ctrl-C stops it", StringComparison.Ordinal));
            line.ShouldNotBeNull();
            using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            await process.WaitForExitAsync(cancellation);
            process.ExitCode.ShouldBe(0);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(data, recursive: true);
        }
    }
}
