using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Cryptography;

namespace Watchword.Kms.Tests;

/// <summary>What every custody must do.</summary>
public abstract class CustodyContract
{
    protected const string KmsUri = "kms.x.example";

    protected abstract IMasterSecretCustody Custody { get; }

    [Fact]
    public void What_is_stored_opens_again_as_the_same_secrets()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        Custody.Store(KmsUri, 1, secrets);
        using MasterSecrets opened = Custody.Open(KmsUri, 1);
        opened.Eccsi.PublicKey.ShouldBe(secrets.Eccsi.PublicKey);
        opened.Sakke.PublicKey.ShouldBe(secrets.Sakke.PublicKey);
        using EccsiSigningKey before = secrets.Eccsi.IssueSigningKey("id"u8, secrets.Derivation);
        using EccsiSigningKey after = opened.Eccsi.IssueSigningKey("id"u8, opened.Derivation);
        byte[] first = new byte[65];
        byte[] second = new byte[65];
        before.ExportPublicToken(first);
        after.ExportPublicToken(second);
        second.ShouldBe(first);
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        Custody.Store(KmsUri, 1, secrets);
        Should.Throw<KmsException>(() => Custody.Store(KmsUri, 1, secrets)).Error.ShouldBe(KmsError.CustodyWithoutDomain);
    }

    [Theory]
    [InlineData("kms.y.example", 1)]
    [InlineData(KmsUri, 2)]
    public void Another_domain_or_generation_does_not_open(string kmsUri, int generation)
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        Custody.Store(KmsUri, 1, secrets);
        Should.Throw<KmsException>(() => Custody.Open(kmsUri, generation)).Error
            .ShouldBeOneOf(KmsError.CustodyNotOpened, KmsError.SecretFileUnreadable);
    }
}

public sealed class EphemeralCustodyTests : CustodyContract, IDisposable
{
    private readonly EphemeralCustody _custody = new();

    protected override IMasterSecretCustody Custody => _custody;

    public void Dispose() => _custody.Dispose();
}

[UnsupportedOSPlatform("windows")]
public sealed class WrappedFileCustodyTests : CustodyContract, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-custody-").FullName;
    private readonly WrappedFileCustody _custody;

    public WrappedFileCustodyTests()
    {
        KeyEncryptionKeySource.CreateKeyFile(KeyFile);
        _custody = new WrappedFileCustody(_directory, KeyEncryptionKeySource.FromKeyFile(KeyFile));
    }

    protected override IMasterSecretCustody Custody => _custody;

    private string KeyFile => Path.Combine(_directory, "kek");

    private string CustodyFile => _custody.PathOf(KmsUri, 1);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Files_are_reachable_by_their_owner_only_and_no_temporary_one_stays()
    {
        StoreNew();
        File.GetUnixFileMode(CustodyFile).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(KeyFile).ShouldBe(OwnerOnly);
        Directory.GetFiles(_directory).Length.ShouldBe(2);
    }

    [Fact]
    public void Nothing_on_the_disk_is_in_clear()
    {
        // Defect 5 of deployed servers: master secrets in a plain hexadecimal file.
        byte[] eccsi = [.. Enumerable.Repeat((byte)0x5A, EccsiMasterKey.SizeInBytes)];
        byte[] sakke = [.. Enumerable.Repeat((byte)0x17, SakkeMasterKey.SizeInBytes)];
        byte[] derivation = [.. Enumerable.Repeat((byte)0xC3, EccsiDerivationKey.SizeInBytes)];
        using MasterSecrets secrets = new(
            EccsiMasterKey.Import(eccsi), SakkeMasterKey.Import(sakke), EccsiDerivationKey.Import(derivation));
        _custody.Store(KmsUri, 1, secrets);
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
    public void A_file_open_to_others_is_refused(UnixFileMode extra)
    {
        StoreNew();
        File.SetUnixFileMode(KeyFile, OwnerOnly | extra);
        Fault().ShouldBe(KmsError.SecretFilePermissions);
        File.SetUnixFileMode(KeyFile, OwnerOnly);
        File.SetUnixFileMode(CustodyFile, OwnerOnly | extra);
        Fault().ShouldBe(KmsError.SecretFilePermissions);
    }

    [Theory]
    [InlineData("eccsiMasterKey")]
    [InlineData("sakkeMasterKey")]
    [InlineData("eccsiDerivationKey")]
    public void A_changed_bit_of_any_secret_is_found(string secret)
    {
        StoreNew();
        foreach (string part in new[] { "nonce", "ciphertext", "tag" })
        {
            string original = File.ReadAllText(CustodyFile);
            Change(json =>
            {
                byte[] octets = Convert.FromBase64String((string)json[secret]![part]!);
                octets[^1] ^= 1;
                json[secret]![part] = Convert.ToBase64String(octets);
            });
            Fault().ShouldBe(KmsError.CustodyNotOpened);
            File.WriteAllText(CustodyFile, original);
        }
    }

    [Fact]
    public void Secrets_of_one_kind_do_not_open_as_another()
    {
        StoreNew();
        Change(json =>
        {
            JsonNode first = json["eccsiMasterKey"]!.DeepClone();
            json["eccsiMasterKey"] = json["eccsiDerivationKey"]!.DeepClone();
            json["eccsiDerivationKey"] = first;
        });
        Fault().ShouldBe(KmsError.CustodyNotOpened);
    }

    [Fact]
    public void A_file_renamed_to_another_domain_does_not_open()
    {
        StoreNew();
        File.Move(CustodyFile, _custody.PathOf("kms.y.example", 1));
        Should.Throw<KmsException>(() => _custody.Open("kms.y.example", 1)).Error.ShouldBe(KmsError.CustodyNotOpened);

        // Not even when the text of the file is changed to fit: the associated data is not the file's to say.
        File.Move(_custody.PathOf("kms.y.example", 1), CustodyFile);
        Change(json => json["kmsUri"] = "kms.y.example");
        File.Move(CustodyFile, _custody.PathOf("kms.y.example", 1));
        Should.Throw<KmsException>(() => _custody.Open("kms.y.example", 1)).Error.ShouldBe(KmsError.CustodyNotOpened);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void Another_file_is_refused(string content)
    {
        StoreNew();
        File.WriteAllText(CustodyFile, content);
        Fault().ShouldBe(KmsError.CustodyMalformed);
    }

    [Fact]
    public void A_shortened_tag_is_refused()
    {
        StoreNew();
        Change(json => json["sakkeMasterKey"]!["tag"] = Convert.ToBase64String(new byte[12]));
        Fault().ShouldBe(KmsError.CustodyMalformed);
    }

    [Theory]
    [InlineData("base64", true)]
    [InlineData("base64 with line end", true)]
    [InlineData("base64 with blank", false)]
    [InlineData("hexadecimal", false)]
    [InlineData("33 octets", false)]
    [InlineData("empty", false)]
    public void A_key_file_holds_32_octets_or_their_base64(string form, bool works)
    {
        StoreNew();
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
            _custody.Open(KmsUri, 1).Dispose();
        }
        else
        {
            Fault().ShouldBe(KmsError.KeyEncryptionKeyMalformed);
        }
    }

    [Fact]
    public void A_passphrase_opens_what_it_wrapped_and_no_other_does()
    {
        string file = Path.Combine(_directory, "passphrase");
        GuardedFile.WriteNew(file, "correct horse battery"u8);
        WrappedFileCustody custody = new(_directory, KeyEncryptionKeySource.FromPassphraseFile(file));
        using MasterSecrets secrets = MasterSecrets.Generate();
        custody.Store(KmsUri, 1, secrets);
        JsonNode json = JsonNode.Parse(File.ReadAllText(custody.PathOf(KmsUri, 1)))!;
        ((int)json["iterations"]!).ShouldBeGreaterThanOrEqualTo(600_000);
        Convert.FromBase64String((string)json["salt"]!).Length.ShouldBe(32);

        File.WriteAllText(file, "correct horse battery\n");
        custody.Open(KmsUri, 1).Dispose();
        File.WriteAllText(file, "correct horse batterz");
        Should.Throw<KmsException>(() => custody.Open(KmsUri, 1)).Error.ShouldBe(KmsError.CustodyNotOpened);
        File.WriteAllText(file, "too short");
        Should.Throw<KmsException>(() => custody.Open(KmsUri, 1)).Error.ShouldBe(KmsError.KeyEncryptionKeyMalformed);
        Should.Throw<KmsException>(() => _custody.Open(KmsUri, 1)).Error.ShouldBe(KmsError.CustodyNotOpened);

        json["iterations"] = 1000;
        File.WriteAllText(custody.PathOf(KmsUri, 1), json.ToJsonString());
        Should.Throw<KmsException>(() => custody.Open(KmsUri, 1)).Error.ShouldBe(KmsError.CustodyMalformed);
    }

    [Fact]
    public void Secrets_print_their_type_name()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        secrets.ToString().ShouldBe(nameof(MasterSecrets));
    }

    private void StoreNew()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        _custody.Store(KmsUri, 1, secrets);
    }

    private KmsError Fault() => Should.Throw<KmsException>(() => _custody.Open(KmsUri, 1)).Error;

    private void Change(Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(CustodyFile))!;
        change(json);
        File.WriteAllText(CustodyFile, json.ToJsonString());
    }
}
