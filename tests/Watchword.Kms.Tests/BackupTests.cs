using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

public sealed class BackupTests : IAsyncLifetime
{
    private const string KmsUri = "kms.x.example";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly EphemeralCustody _custody = new();
    private readonly TemporaryStore _files = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-backup-").FullName;
    private KmsStore _store = null!;
    private IReadOnlyList<KeyShare> _shares = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await _files.OpenAsync(_time);
        await SecurityDomain.CreateAsync(
            new DomainDescription(KmsUri, new KeyPeriodSchedule(3600, 0)), _store, _custody, _time, Token);
        using SecurityDomain domain = await SecurityDomain.OpenAsync(_store, _custody, cancellationToken: Token);
        KeyIssuer issuer = new(domain, _store, new DomainPolicy(), _time);
        Requester requester = new(
            "https://idm.x.example", "alice",
            [new RequesterIdentity("sip:a@x.example", "mcptt"), new RequesterIdentity("sip:b@x.example", "mcdata")]);
        (await issuer.IssueAsync(
            await issuer.PrepareAsync(new IssuanceRequest(requester, null, null, "c"), Token), Token)).Dispose();
        (await _custody.OpenSealerAsync(KmsUri, "transport-keys", Token)).Dispose();
        (await _custody.OpenAuditSigningKeyAsync(Token)).Dispose();
        (_, _shares) = await new RecoveryKeys(_custody).CreateAsync(2, 3, cancellationToken: Token);
    }

    public ValueTask DisposeAsync()
    {
        _custody.Dispose();
        _store.Dispose();
        _files.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_restore_under_another_key_derives_the_same_public_tokens()
    {
        byte[] export = RandomNumberGenerator.GetBytes(300_000);
        byte[] backup = await WriteAsync(export);
        using RecoveryPrivateKey recovery = Recover();
        using MemoryStream store = new();
        using Backup opened = await Backup.OpenAsync(new MemoryStream(backup), recovery, store, Token);
        store.ToArray().ShouldBe(export);
        BackupReport report = await opened.VerifyAsync(Token);
        report.Documents.ShouldBe(4);
        report.Generations.ShouldBe(1);
        report.IssuedSamples.ShouldBe(2);
        report.TestSamples.ShouldBe(2);
        report.StoreOctets.ShouldBe(export.Length);
        report.AuditSequence.ShouldBe((await _store.GetAuditHeadAsync(Token)).Sequence);

        string kek = Path.Combine(_directory, "kek");
        KeyEncryptionKeySource.CreateKeyFile(kek);
        DirectoryDocuments documents = new(_directory);
        using (EnvelopeCustody target = new(documents, KeyEncryptionKeySource.FromKeyFile(kek)))
        {
            (await opened.RestoreAsync(target, Token)).ShouldBe(4);
            (await Should.ThrowAsync<KmsException>(() => opened.RestoreAsync(target, Token))).Error
                .ShouldBe(KmsError.CustodyNotEmpty);
        }

        using EnvelopeCustody fresh = new(documents, KeyEncryptionKeySource.FromKeyFile(kek));
        using SecurityDomain domain = await SecurityDomain.OpenAsync(_store, fresh, cancellationToken: Token);
        using AuditSigningKey audit = await fresh.OpenAuditSigningKeyAsync(Token);
        using AuditSigningKey before = await _custody.OpenAuditSigningKeyAsync(Token);
        audit.ExportPublicKey().ShouldBe(before.ExportPublicKey());
        using SecretSealer sealer = await _custody.OpenSealerAsync(KmsUri, "transport-keys", Token);
        using SecretSealer restored = await fresh.OpenSealerAsync(KmsUri, "transport-keys", Token);
        byte[] secret = new byte[3];
        restored.Open(sealer.Seal([1, 2, 3], "c"u8), "c"u8, secret);
        secret.ShouldBe([1, 2, 3]);
        (await new RecoveryKeys(fresh).FindAsync(Token))!.KeyId.ShouldBe(recovery.PublicKey.KeyId);
    }

    [Fact]
    public async Task A_cut_a_change_and_an_exchange_of_chunks_are_found_wherever_they_are()
    {
        byte[] backup = await WriteAsync(new byte[200_000]);
        using RecoveryPrivateKey recovery = Recover();
        const int chunk = BackupCipher.ChunkOctets + BackupCipher.TagOctets;
        foreach (int length in new[]
        {
            0, 10, BackupCipher.HeaderOctets, BackupCipher.HeaderOctets + 5, BackupCipher.HeaderOctets + chunk,
            BackupCipher.HeaderOctets + (2 * chunk), BackupCipher.HeaderOctets + (2 * chunk) + 1, backup.Length - 1,
        })
        {
            (await ErrorOf(backup[..length], recovery)).ShouldBeOneOf(KmsError.BackupMalformed, KmsError.BackupNotOpened);
        }

        (await ErrorOf([.. backup, 0], recovery)).ShouldBe(KmsError.BackupNotOpened);
        for (int at = 0; at < backup.Length; at += 9973)
        {
            byte[] changed = [.. backup];
            changed[at] ^= 1;
            (await ErrorOf(changed, recovery)).ShouldBeOneOf(KmsError.BackupMalformed, KmsError.BackupNotOpened);
        }

        byte[] exchanged = [.. backup];
        backup.AsSpan(BackupCipher.HeaderOctets, chunk).CopyTo(exchanged.AsSpan(BackupCipher.HeaderOctets + chunk));
        backup.AsSpan(BackupCipher.HeaderOctets + chunk, chunk).CopyTo(exchanged.AsSpan(BackupCipher.HeaderOctets));
        (await ErrorOf(exchanged, recovery)).ShouldBe(KmsError.BackupNotOpened);
    }

    [Theory]
    [InlineData(BackupCipher.ChunkOctets - 1)]
    [InlineData(BackupCipher.ChunkOctets)]
    [InlineData(BackupCipher.ChunkOctets + 1)]
    [InlineData(0)]
    [InlineData(3 * BackupCipher.ChunkOctets)]
    public async Task Chunks_fit_at_every_length(int length)
    {
        (RecoveryPublicKey key, CustodySecret scalar) = RecoveryPrivateKey.Generate();
        using RecoveryPrivateKey recovery = RecoveryPrivateKey.FromSecret(scalar);
        byte[] content = RandomNumberGenerator.GetBytes(length);
        using MemoryStream file = new();
        using (BackupSealer sealer = await BackupSealer.BeginAsync(file, key, Token))
        {
            for (int at = 0; at < length; at += 50_000)
            {
                await sealer.WriteAsync(content.AsMemory(at, Math.Min(50_000, length - at)), Token);
            }

            await sealer.CompleteAsync(Token);
        }

        file.Position = 0;
        using BackupOpener opener = await BackupOpener.BeginAsync(file, recovery, Token);
        byte[] read = new byte[length];
        await opener.ReadAsync(read, Token);
        read.ShouldBe(content);
        (await opener.IsAtEndAsync(Token)).ShouldBeTrue();
        (await Should.ThrowAsync<KmsException>(() => opener.ReadAsync(new byte[1], Token))).Error
            .ShouldBe(KmsError.BackupNotOpened);
    }

    [Fact]
    public async Task Another_recovery_key_does_not_open_and_is_named()
    {
        byte[] backup = await WriteAsync(null);
        (RecoveryPublicKey replaced, IReadOnlyList<KeyShare> shares) =
            await new RecoveryKeys(_custody).CreateAsync(2, 2, replace: true, Token);
        using CustodySecret scalar = KeyShare.Combine(shares);
        using RecoveryPrivateKey other = RecoveryPrivateKey.FromSecret(scalar);
        (await ErrorOf(backup, other)).ShouldBe(KmsError.BackupNotOpened);

        // From now on the new one opens.
        (await new RecoveryKeys(_custody).FindAsync(Token))!.KeyId.ShouldBe(replaced.KeyId);
        (await Backup.OpenAsync(new MemoryStream(await WriteAsync(null)), other, cancellationToken: Token)).Dispose();
        (await Should.ThrowAsync<KmsException>(() => new RecoveryKeys(_custody).CreateAsync(2, 3, cancellationToken: Token)))
            .Error.ShouldBe(KmsError.RecoveryKeyExists);
    }

    [Fact]
    public async Task Without_a_recovery_key_there_is_no_backup()
    {
        using EphemeralCustody custody = new();
        (await Should.ThrowAsync<KmsException>(() => new BackupWriter(custody, _time).WriteAsync(
            new MemoryStream(), [], _store, cancellationToken: Token))).Error.ShouldBe(KmsError.NoRecoveryKey);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("identity")]
    [InlineData("uid")]
    [InlineData("kpak")]
    [InlineData("z")]
    [InlineData("generation")]
    public async Task Verification_finds_what_does_not_derive(string what)
    {
        BackupManifest manifest = await ManifestAsync();
        BackupSample sample = manifest.Samples[0];
        using MasterSecrets others = MasterSecrets.Generate();
        manifest = what switch
        {
            "token" => manifest with { Samples = [sample with { PublicTokenHash = new byte[32] }] },
            "identity" => manifest with { Samples = [sample with { UserUri = "sip:other@x.example" }] },
            "uid" => manifest with { Samples = [sample with { UserId = new byte[32] }] },
            "generation" => manifest with { Samples = [sample with { Generation = 9 }] },
            "kpak" => manifest with
            {
                Domains = [manifest.Domains[0] with { PublicAuthenticationKey = others.Eccsi.PublicKey.Export() }],
            },
            _ => manifest with
            {
                Domains = [manifest.Domains[0] with { PublicEncryptionKey = others.Sakke.PublicKey.Export() }],
            },
        };
        using RecoveryPrivateKey recovery = Recover();
        using Backup opened = await Backup.OpenAsync(
            new MemoryStream(await RewriteAsync(manifest)), recovery, cancellationToken: Token);
        (await Should.ThrowAsync<KmsException>(() => opened.VerifyAsync(Token))).Error
            .ShouldBe(KmsError.BackupVerificationFailed);
    }

    [Fact]
    public async Task A_backup_says_who_made_it_and_who_has_only_the_recovery_keys_public_half_cannot()
    {
        using AuditSigningKey own = await _custody.OpenAuditSigningKeyAsync(Token);
        using RecoveryPrivateKey recovery = Recover();
        using Backup opened = await Backup.OpenAsync(
            new MemoryStream(await WriteAsync([1, 2, 3])), recovery, cancellationToken: Token);
        opened.Origin.ShouldNotBeNull().IsSigned.ShouldBeTrue();
        opened.RequireOrigin([own.PublicKey]);
        using EnvelopeCustody forger = new EphemeralCustody();
        using AuditSigningKey others = await forger.OpenAuditSigningKeyAsync(Token);
        OriginErrorOf(opened, others.PublicKey).ShouldBe(KmsError.BackupOriginUnproven);

        // One that does not say, as of an earlier version, proves nothing either; nor does one that drops what it should say.
        BackupManifest manifest = await ManifestAsync();
        (await ErrorOf(await RewriteAsync(manifest with { Format = BackupManifest.FirstFormatName }), recovery)).ShouldBe(
            KmsError.BackupMalformed);
    }

    private static KmsError OriginErrorOf(Backup backup, AuditPublicKey key) =>
        Should.Throw<KmsException>(() => backup.RequireOrigin([key])).Error;

    [Fact]
    public async Task A_signature_holds_for_its_own_backup_only()
    {
        using AuditSigningKey key = await _custody.OpenAuditSigningKeyAsync(Token);
        byte[] digest = new byte[32];
        byte[] entry = BackupOrigin.Sign(digest, key);
        BackupOrigin.Read(entry, digest).IsSigned.ShouldBeTrue();
        digest[5] ^= 1;
        BackupOrigin.Read(entry, digest).IsSigned.ShouldBeFalse();
        Should.Throw<KmsException>(() => BackupOrigin.Read(entry.AsSpan(0, 60), digest)).Error.ShouldBe(KmsError.BackupMalformed);
    }

    [Theory]
    [InlineData(GenerationState.Revoked)]
    [InlineData(GenerationState.Tainted)]
    [InlineData(GenerationState.Active)]
    public async Task A_generation_whose_time_is_over_is_backed_up_and_verified(GenerationState state)
    {
        BackupManifest manifest = await ManifestAsync();
        DomainRecord ended = manifest.Domains[0].ToRecord() with { State = state, ValidTo = _time.GetUtcNow().AddYears(-1) };
        manifest = manifest with
        {
            Domains = [BackupDomain.From(ended)],
            Samples = await BackupSampling.TakeAsync([ended], _store, _custody, _time, Token),
        };
        using RecoveryPrivateKey recovery = Recover();
        using Backup opened = await Backup.OpenAsync(
            new MemoryStream(await RewriteAsync(manifest)), recovery, cancellationToken: Token);
        (await opened.VerifyAsync(Token)).TestSamples.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Nothing_of_the_secrets_is_in_the_backup_in_clear()
    {
        byte[] backup = await WriteAsync(null);
        backup.AsSpan().IndexOf("custody"u8).ShouldBe(-1);
        backup.AsSpan().IndexOf("sip:a@x.example"u8).ShouldBe(-1);
    }

    private static async Task<KmsError> ErrorOf(byte[] backup, RecoveryPrivateKey recovery) =>
        (await Should.ThrowAsync<KmsException>(
            () => Backup.OpenAsync(new MemoryStream(backup), recovery, cancellationToken: Token))).Error;

    private RecoveryPrivateKey Recover()
    {
        using CustodySecret scalar = KeyShare.Combine([_shares[2], _shares[0]]);
        return RecoveryPrivateKey.FromSecret(scalar);
    }

    private async Task<byte[]> WriteAsync(byte[]? store)
    {
        using MemoryStream file = new();
        await new BackupWriter(_custody, _time).WriteAsync(
            file, await _store.FindGenerationsAsync(Token), _store,
            store is null ? null : _ => Task.FromResult<Stream>(new MemoryStream(store)), Token);
        return file.ToArray();
    }

    private async Task<BackupManifest> ManifestAsync()
    {
        IReadOnlyList<DomainRecord> generations = await _store.FindGenerationsAsync(Token);
        AuditHead head = await _store.GetAuditHeadAsync(Token);
        return new BackupManifest
        {
            Format = BackupManifest.FormatName,
            CreatedAt = _time.GetUtcNow(),
            Domains = [.. generations.Select(BackupDomain.From)],
            Samples = await BackupSampling.TakeAsync(generations, _store, _custody, _time, Token),
            Documents = [],
            AuditSequence = head.Sequence,
            AuditHash = head.Hash.ToArray(),
            HasStore = false,
        };
    }

    /// <summary>What a writer with other facts would have written: the writer takes them from a store that says so.</summary>
    private async Task<byte[]> RewriteAsync(BackupManifest manifest)
    {
        using MemoryStream file = new();
        await new BackupWriter(_custody, _time).WriteAsync(file, manifest, null, Token);
        return file.ToArray();
    }
}
