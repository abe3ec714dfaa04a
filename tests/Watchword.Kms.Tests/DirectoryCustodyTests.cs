using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Cryptography;

namespace Watchword.Kms.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class DirectoryCustodyTests : CustodyContract, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-custody-").FullName;
    private readonly EnvelopeCustody _custody;

    public DirectoryCustodyTests()
    {
        KeyEncryptionKeySource.CreateKeyFile(KeyFile);
        _custody = Open(KeyEncryptionKeySource.FromKeyFile(KeyFile));
    }

    protected override EnvelopeCustody Custody => _custody;

    private string KeyFile => Path.Combine(_directory, "kek");

    private string CustodyFile => PathOf(KmsUri, 1);

    public void Dispose()
    {
        _custody.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Files_are_reachable_by_their_owner_only_and_no_temporary_one_stays()
    {
        await StoreNewAsync();
        File.GetUnixFileMode(CustodyFile).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(KeyFile).ShouldBe(OwnerOnly);
        Directory.GetFiles(_directory).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Nothing_on_the_disk_is_in_clear()
    {
        // Defect 5 of deployed servers: master secrets in a plain hexadecimal file.
        byte[] eccsi = [.. Enumerable.Repeat((byte)0x5A, EccsiMasterKey.SizeInBytes)];
        byte[] sakke = [.. Enumerable.Repeat((byte)0x17, SakkeMasterKey.SizeInBytes)];
        byte[] derivation = [.. Enumerable.Repeat((byte)0xC3, EccsiDerivationKey.SizeInBytes)];
        using MasterSecrets secrets = new(
            EccsiMasterKey.Import(eccsi), SakkeMasterKey.Import(sakke), EccsiDerivationKey.Import(derivation));
        await _custody.StoreAsync(KmsUri, 1, secrets, Token);
        string content = Encoding.Latin1.GetString(File.ReadAllBytes(CustodyFile));
        foreach (byte[] secret in new[] { eccsi, sakke, derivation })
        {
            content.ShouldNotContain(Encoding.Latin1.GetString(secret));
            content.ShouldNotContain(Convert.ToHexString(secret), Case.Insensitive);
            content.ShouldNotContain(Convert.ToBase64String(secret)[..40]);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public async Task A_file_open_to_others_is_refused(UnixFileMode extra)
    {
        await StoreNewAsync();
        File.SetUnixFileMode(KeyFile, OwnerOnly | extra);
        (await FaultAsync()).ShouldBe(KmsError.SecretFilePermissions);
        File.SetUnixFileMode(KeyFile, OwnerOnly);
        File.SetUnixFileMode(CustodyFile, OwnerOnly | extra);
        (await FaultAsync()).ShouldBe(KmsError.SecretFilePermissions);
    }

    [Theory]
    [InlineData("eccsi-master-key")]
    [InlineData("sakke-master-key")]
    [InlineData("eccsi-derivation-key")]
    public async Task A_changed_bit_of_any_secret_is_found(string secret)
    {
        await StoreNewAsync();
        foreach (string part in new[] { "nonce", "ciphertext", "tag" })
        {
            string original = File.ReadAllText(CustodyFile);
            Change(json =>
            {
                byte[] octets = Convert.FromBase64String((string)json["secrets"]![secret]![part]!);
                octets[^1] ^= 1;
                json["secrets"]![secret]![part] = Convert.ToBase64String(octets);
            });
            (await FaultAsync()).ShouldBe(KmsError.CustodyNotOpened);
            File.WriteAllText(CustodyFile, original);
        }
    }

    [Fact]
    public async Task Secrets_of_one_kind_do_not_open_as_another()
    {
        await StoreNewAsync();
        Change(json =>
        {
            JsonNode first = json["secrets"]!["eccsi-master-key"]!.DeepClone();
            json["secrets"]!["eccsi-master-key"] = json["secrets"]!["eccsi-derivation-key"]!.DeepClone();
            json["secrets"]!["eccsi-derivation-key"] = first;
        });
        (await FaultAsync()).ShouldBe(KmsError.CustodyNotOpened);
    }

    [Fact]
    public async Task A_file_renamed_to_another_domain_does_not_open()
    {
        await StoreNewAsync();
        File.Move(CustodyFile, PathOf("kms.y.example", 1));
        (await FaultAsync(_custody, "kms.y.example")).ShouldBe(KmsError.CustodyNotOpened);

        // Not even when the text of the file is changed to fit: the associated data is not the file's to say.
        File.Move(PathOf("kms.y.example", 1), CustodyFile);
        Change(json => json["kmsUri"] = "kms.y.example");
        File.Move(CustodyFile, PathOf("kms.y.example", 1));
        (await FaultAsync(_custody, "kms.y.example")).ShouldBe(KmsError.CustodyNotOpened);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public async Task Another_file_is_refused(string content)
    {
        await StoreNewAsync();
        File.WriteAllText(CustodyFile, content);
        (await FaultAsync()).ShouldBe(KmsError.CustodyMalformed);
    }

    [Fact]
    public async Task A_shortened_tag_is_refused()
    {
        await StoreNewAsync();
        Change(json => json["secrets"]!["sakke-master-key"]!["tag"] = Convert.ToBase64String(new byte[12]));
        (await FaultAsync()).ShouldBe(KmsError.CustodyMalformed);
    }

    [Theory]
    [InlineData("base64", true)]
    [InlineData("base64 with line end", true)]
    [InlineData("base64 with blank", false)]
    [InlineData("hexadecimal", false)]
    [InlineData("33 octets", false)]
    [InlineData("empty", false)]
    public async Task A_key_file_holds_32_octets_or_their_base64(string form, bool works)
    {
        await StoreNewAsync();
        byte[] key = File.ReadAllBytes(KeyFile);
        byte[] content = form switch
        {
            "base64" => Encoding.ASCII.GetBytes(Convert.ToBase64String(key)),
            "base64 with line end" => Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\r\n"),
            "base64 with blank" => Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + " "),
            "hexadecimal" => Encoding.ASCII.GetBytes(Convert.ToHexString(key)),
            "33 octets" => [.. key, 0],
            _ => [],
        };
        File.WriteAllBytes(KeyFile, content);
        if (works)
        {
            (await _custody.OpenAsync(KmsUri, 1, Token)).Dispose();
        }
        else
        {
            (await FaultAsync()).ShouldBe(KmsError.KeyEncryptionKeyMalformed);
        }
    }

    [Fact]
    public async Task A_passphrase_opens_what_it_wrapped_and_no_other_does()
    {
        string file = Path.Combine(_directory, "passphrase");
        GuardedFile.WriteNew(file, "correct horse battery"u8);
        async Task<KmsError> TryAsync(string passphrase)
        {
            File.WriteAllText(file, passphrase);
            using EnvelopeCustody fresh = Open(KeyEncryptionKeySource.FromPassphraseFile(file));
            try
            {
                (await fresh.OpenAsync(KmsUri, 1, Token)).Dispose();
                return KmsError.None;
            }
            catch (KmsException fault)
            {
                return fault.Error;
            }
        }

        using (EnvelopeCustody custody = Open(KeyEncryptionKeySource.FromPassphraseFile(file)))
        using (MasterSecrets secrets = MasterSecrets.Generate())
        {
            await custody.StoreAsync(KmsUri, 1, secrets, Token);
        }

        JsonNode json = JsonNode.Parse(File.ReadAllText(CustodyFile))!;
        ((int)json["key"]!["iterations"]!).ShouldBeGreaterThanOrEqualTo(600_000);
        Convert.FromBase64String((string)json["key"]!["salt"]!).Length.ShouldBe(32);

        (await TryAsync("correct horse battery\n")).ShouldBe(KmsError.None);
        (await TryAsync("correct horse batterz")).ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);
        (await TryAsync("too short")).ShouldBe(KmsError.KeyEncryptionKeyMalformed);
        (await FaultAsync()).ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);

        Change(changed => changed["key"]!["iterations"] = 1000);
        (await TryAsync("correct horse battery")).ShouldBe(KmsError.CustodyMalformed);
    }

    [Theory]
    [InlineData("key-file")]
    [InlineData("passphrase")]
    public async Task Documents_of_the_first_format_still_open(string kind)
    {
        byte[] document = File.ReadAllBytes(
            Path.Combine(AppContext.BaseDirectory, "vectors", "custody", $"watchword-custody-1-{kind}.json"));
        GuardedFile.WriteNew(CustodyFile, document);
        string secret = Path.Combine(_directory, "old");
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        GuardedFile.WriteNew(secret, kind == "key-file" ? key : "correct horse battery"u8);
        using EnvelopeCustody custody = Open(kind == "key-file"
            ? KeyEncryptionKeySource.FromKeyFile(secret)
            : KeyEncryptionKeySource.FromPassphraseFile(secret));
        using MasterSecrets opened = await custody.OpenAsync(KmsUri, 1, Token);
        using EccsiMasterKey expected = EccsiMasterKey.Import([.. Enumerable.Repeat((byte)0x5A, EccsiMasterKey.SizeInBytes)]);
        opened.Eccsi.PublicKey.ShouldBe(expected.PublicKey);
        (await custody.ListAsync(Token)).ShouldHaveSingleItem().IsCurrent.ShouldBeFalse();

        Change(json => json["generation"] = 2);
        (await FaultAsync(custody, KmsUri)).ShouldBe(KmsError.CustodyNotOpened);
    }

    [Fact]
    public void Secrets_print_their_type_name()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        secrets.ToString().ShouldBe(nameof(MasterSecrets));
    }

    private EnvelopeCustody Open(KeyEncryptionKeySource source) =>
        new(new DirectoryDocuments(_directory), source);

    private string PathOf(string kmsUri, int generation) =>
        new DirectoryDocuments(_directory).PathOf(EnvelopeCustody.DocumentOf(kmsUri, generation));

    private async Task StoreNewAsync()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        await _custody.StoreAsync(KmsUri, 1, secrets, Token);
    }

    /// <summary>What a process that starts now would meet.</summary>
    private async Task<KmsError> FaultAsync()
    {
        using EnvelopeCustody custody = Open(KeyEncryptionKeySource.FromKeyFile(KeyFile));
        return await FaultAsync(custody, KmsUri);
    }

    private static async Task<KmsError> FaultAsync(EnvelopeCustody custody, string kmsUri) =>
        (await Should.ThrowAsync<KmsException>(() => custody.OpenAsync(kmsUri, 1, Token))).Error;

    private void Change(Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(CustodyFile))!;
        change(json);
        File.WriteAllText(CustodyFile, json.ToJsonString());
    }
}
