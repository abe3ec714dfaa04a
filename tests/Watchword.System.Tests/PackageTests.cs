using System.IO.Compression;
using System.Xml.Linq;
using Watchword.SystemTests.Repository;

namespace Watchword.SystemTests;

/// <summary>
/// The NuGet packages for vendors: packed into a folder, looked at, and used from there by a program of somebody else, without
/// network: what the libraries depend on comes from the folder that this build has restored to.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string[] Libraries = ["Cryptography", "KeyManagement", "Mikey", "Identity", "McServices", "Sip", "Client"];
    private readonly string _directory = TemporaryDirectory.Create();

    private string Packages => Path.Combine(_directory, "packages");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Packages_are_whole_and_a_program_outside_the_repository_runs_on_them()
    {
        foreach (string library in Libraries)
        {
            string project = Path.Combine(RepositoryFiles.Root, "src", "Watchword." + library);
            await ChildProcess.DotnetAsync(
                project, "pack", "--no-build", "--no-restore", "-c", RepositoryFiles.Configuration, "-o", Packages, "-v", "quiet");
        }

        foreach (string library in Libraries)
        {
            ShouldBeWhole("Watchword." + library);
        }

        (await RunConsumerAsync()).ShouldContain("opened a GMK of 16 octets, store of generation 1");
    }

    private void ShouldBeWhole(string name)
    {
        string package = Directory.GetFiles(Packages, name + ".*.nupkg").ShouldHaveSingleItem();
        File.Exists(Path.ChangeExtension(package, ".snupkg")).ShouldBeTrue("symbols");
        using ZipArchive archive = ZipFile.OpenRead(package);
        string[] files = [.. archive.Entries.Select(entry => entry.FullName)];
        files.ShouldContain("README.md");
        files.ShouldContain("LICENSE");
        files.ShouldContain($"lib/net10.0/{name}.dll");
        files.ShouldContain($"lib/net10.0/{name}.xml", "the documentation of public members");
        using Stream nuspec = archive.GetEntry(name + ".nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        metadata.Elements().Single(element => element.Name.LocalName == "license").Value.ShouldBe("Apache-2.0");
        metadata.Elements().Single(element => element.Name.LocalName == "readme").Value.ShouldBe("README.md");
        string[] known = [.. Libraries.Select(library => "Watchword." + library)];
        IEnumerable<string> dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(dependency => dependency.Attribute("id")!.Value).Where(id => id.StartsWith("Watchword.", StringComparison.Ordinal));
        dependencies.ShouldAllBe(id => known.Contains(id), "no dependency without its package");
    }

    private async Task<string> RunConsumerAsync()
    {
        string consumer = Directory.CreateDirectory(Path.Combine(_directory, "consumer")).FullName;
        string restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string version = Path.GetFileName(Directory.GetFiles(Packages, "Watchword.Client.*.nupkg").Single())["Watchword.Client.".Length..^".nupkg".Length];
        await File.WriteAllTextAsync(Path.Combine(consumer, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="vendor" value="{Packages}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{restored}" /></fallbackPackageFolders>
            </configuration>
            """);
        // A package folder of its own: the packages of this build must not stay behind in the one of the user.
        await File.WriteAllTextAsync(Path.Combine(consumer, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>{Path.Combine(_directory, "restored")}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Watchword.Client" Version="{version}" />
                <PackageReference Include="Watchword.McServices" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(consumer, "Program.cs"), Program);
        await File.WriteAllTextAsync(Path.Combine(consumer, "Page.cs"), CodeOfThePage());
        await ChildProcess.DotnetAsync(consumer, "build", "-c", "Release", "-o", "out", "-v", "quiet");
        return await ChildProcess.DotnetAsync(consumer, Path.Combine("out", "Consumer.dll"));
    }

    /// <summary>The code in docs/vendors.md, each piece a method; what a piece takes for granted is a field.</summary>
    private static string CodeOfThePage()
    {
        string[] pieces = [.. RepositoryFiles.Read("docs", "vendors.md").Split("```csharp\n").Skip(1).Select(piece => piece.Split("```")[0])];
        pieces.Length.ShouldBeGreaterThanOrEqualTo(6);
        return $$"""
            using Watchword.Client;
            using Watchword.Mikey;

            internal abstract class Page
            {
                protected KeyStore store, hisStore, serverStore, mcxStore;
                protected ServiceKeyExchange member, mcx;
                protected MikeyKey gmk;
                protected string[] memberUris;
                protected string myUri, userUri, groupId;
                protected DateTimeOffset tomorrow, dayAfter;
                protected byte[] octets;
                protected uint gmkId;
            {{string.Concat(pieces.Select((piece, i) => $"public async Task Piece{i}()\n{{\nawait Task.CompletedTask;\n{piece}}}\n"))}}
            }
            """;
    }

    private const string Program = """
        using Watchword.Client;
        using Watchword.Cryptography;
        using Watchword.KeyManagement;
        using Watchword.McServices;
        using Watchword.Mikey;

        const string Server = "sip:gms@lab.example", Member = "sip:medic@lab.example", Kms = "kms.lab.example";
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        KmsCertificate domain = new()
        {
            KmsUri = Kms,
            Schedule = new KeyPeriodSchedule(2592000, 0),
            PublicEncryptionKey = sakke.PublicKey,
            PublicAuthenticationKey = eccsi.PublicKey,
        };
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] UidOf(string uri) => domain.UserIdFor(uri, domain.PeriodAt(now).Number).Octets.ToArray();
        using EccsiSigningKey signing = eccsi.IssueSigningKey(UidOf(Server));
        using SakkeReceiverKey receiving = sakke.IssueReceiverKey(UidOf(Member));
        using MikeyKey made = MikeyKey.Generate(KeyPurpose.Gmk);
        byte[] message = KeyMessage.Create(
            KeyDistribution.Gmk, made, new MikeySender { SigningKey = signing, Uri = Server, KmsUri = Kms },
            new MikeyRecipient(Member, Kms, domain.PublicEncryptionKey, UidOf(Member)), now);
        KeyOpening opening = KeyMessage.Open(message, new KeyReceiver
        {
            Uri = Member,
            Expects = [KeyDistribution.Gmk],
            IsDomainAllowed = claims => claims.InitiatorKmsUri == Kms && claims.ReceiverKmsUri == Kms,
            ResolveInitiator = claims => InitiatorResolution.Of(new InitiatorKey(domain.PublicAuthenticationKey, UidOf(Server))),
            FindReceiverKeys = claims => [new ReceiverKey(receiving, UidOf(Member))],
            ReplayCache = new MikeyReplayCache(TimeProvider.System),
        });
        using MikeyKey opened = opening.Key ?? throw new InvalidOperationException(opening.Result.ToString());
        string key = Path.GetFullPath("unlock.key");
        KeyStoreUnlock.CreateKeyFile(key);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(key);
        using KeyStore store = await KeyStore.CreateAsync("profile", unlock, TimeProvider.System);
        byte[] secret = new byte[MikeyKey.SecretSizeInBytes];
        opened.ExportSecret(secret);
        Console.WriteLine($"opened a GMK of {secret.Length} octets, store of generation {store.Generation}; {typeof(ConfidentialXml).Name}");
        """;
}
