using System.Security.Cryptography;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Several nodes on one store, signed requests and checkpoints.</summary>
public abstract partial class KmsStoreContract
{
    [Fact]
    public async Task Nodes_append_to_one_chain_without_gaps()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync(), await CreateAsync()];
        await Task.WhenAll(Enumerable.Range(0, 90).Select(
            i => Task.Run(() => nodes[i % 3].AppendAuditAsync(
                [.. Enumerable.Repeat(Entry(AuditKind.Denied, $"sip:{i}@x"), 1 + (i % 4))], Token))));
        List<AuditRecord> log = await nodes[0].ReadAuditAsync(Token).ToListAsync(Token);
        AuditVerification found = AuditChain.Verify(log, await nodes[2].GetAuditHeadAsync(Token));
        (found.Fault, found.Records).ShouldBe((AuditFault.None, Enumerable.Range(0, 90).Sum(i => 1 + (i % 4))));
        log.GroupBy(record => record.Entry.UserUri).ShouldAllBe(
            records => records.Last().Sequence - records.First().Sequence == records.Count() - 1);
        (await nodes[1].ReadAuditAsync(log.Count - 2, Token).CountAsync(Token)).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_that_comes_out_differently_on_another_node_is_refused()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        await RecordAsync(nodes[0], Issuance());
        (await ErrorOf(RecordAsync(nodes[1], Issuance() with { PublicTokenHash = Octets(9) }))).ShouldBe(KmsError.RepeatDiffers);

        // Other master secrets give other keys for the same UID.
        await RecordAsync(nodes[1], Issuance() with { Generation = 2, SecretsGeneration = 2, PublicTokenHash = Octets(9) });
        (await ErrorOf(RecordAsync(nodes[0], Issuance() with { Generation = 3, PublicTokenHash = Octets(9) })))
            .ShouldBe(KmsError.RepeatDiffers);
    }

    [Fact]
    public async Task A_generation_is_changed_by_one_of_two_officers()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        await nodes[0].CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        GenerationChange[] change = [new("kms.x.example", 1, GenerationState.Active, GenerationState.Tainted)];
        Task[] both = [.. nodes.Select(
            node => Task.Run(() => node.ChangeGenerationsAsync(change, [Entry(AuditKind.Domain)], Token)))];
        await Task.WhenAll(both.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        both.Count(task => task.IsCompletedSuccessfully).ShouldBe(1);
        (await ErrorOf(both.Single(task => task.IsFaulted))).ShouldBe(KmsError.GenerationChanged);
    }

    [Fact]
    public async Task A_signed_request_is_new_once_for_all_nodes_until_it_expires()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        DateTimeOffset expires = Time.GetUtcNow().AddMinutes(5);
        Task<bool> Add(int node, string domain = "d", string key = "k", byte mac = 1) =>
            nodes[node].TryAddAsync(domain, key, Octets(mac), expires, Token);
        bool[] together = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Add(i % 2))));
        together.Count(isNew => isNew).ShouldBe(1);
        (await Add(0, domain: "e")).ShouldBeTrue();
        (await Add(0, key: "l")).ShouldBeTrue();
        (await Add(0, mac: 2)).ShouldBeTrue();
        (await Add(1, mac: 2)).ShouldBeFalse();
        (await nodes[0].GetAuditHeadAsync(Token)).Sequence.ShouldBe(0);

        Time.Advance(TimeSpan.FromMinutes(5));
        expires = Time.GetUtcNow().AddMinutes(5);
        (await Add(1)).ShouldBeTrue();
        (await Add(0)).ShouldBeFalse();
        (await CountReplaysAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_checkpoint_is_made_when_it_is_due_and_stands_in_the_chain()
    {
        KmsStore store = await CreateAsync();
        using TestSigner signer = new();
        AuditCheckpoints checkpoints = new(store, signer, new CheckpointDue(3, TimeSpan.FromMinutes(10)), Time);
        Authority auditor = new("i", "s", "auditor");
        (await checkpoints.MakeAsync(auditor, "c", Token)).ShouldBeNull();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await checkpoints.MakeIfDueAsync(Token))!.Sequence.ShouldBe(1);
        (await checkpoints.MakeIfDueAsync(Token)).ShouldBeNull();
        await store.AppendAuditAsync([Entry(AuditKind.Custody), Entry(AuditKind.Custody)], Token);
        (await checkpoints.MakeIfDueAsync(Token)).ShouldBeNull();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await checkpoints.MakeIfDueAsync(Token))!.Sequence.ShouldBe(5);
        Time.Advance(TimeSpan.FromMinutes(11));
        (await checkpoints.MakeIfDueAsync(Token)).ShouldBeNull();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await checkpoints.MakeIfDueAsync(Token))!.Sequence.ShouldBe(7);
        AuditCheckpoint last = (await checkpoints.MakeAsync(auditor, "c", Token))!;
        AuditCheckpoint kept = (await store.FindLastCheckpointAsync(Token))!;
        (kept.Sequence, kept.Time, kept.KeyId).ShouldBe((8, last.Time, signer.PublicKey.KeyId));
        kept.IsSignedBy(await store.FindAuditKeysAsync(Token)).ShouldBeTrue();

        AuditVerification found = await AuditChain.VerifyAsync(
            store.ReadAuditAsync(Token), keys: [signer.PublicKey], cancellationToken: Token);
        (found.Fault, found.Records, found.SignedUpTo).ShouldBe((AuditFault.None, 9, 8));
        (await store.ReadAuditAsync(8, Token).SingleAsync(Token)).Entry.Role.ShouldBe("auditor");
    }

    [Fact]
    public async Task A_key_that_does_not_sign_harms_nobody_else()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        TestSigner signer = new();
        signer.Dispose();
        Task other = store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await ErrorOf(store.AppendCheckpointAsync(signer, null, Entry(AuditKind.Checkpoint), Token))).ShouldBe(KmsError.InternalError);
        await other;
        (await store.FindAuditKeysAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_exported_verifies_without_the_store()
    {
        KmsStore store = await CreateAsync();
        using TestSigner signer = new();
        await RecordAsync(store, Issuance());
        await store.AppendCheckpointAsync(signer, null, Entry(AuditKind.Checkpoint), Token);
        using MemoryStream export = new();
        AuditExportHeader header = new(["kms.x.example"], await store.FindAuditKeysAsync(Token), Time.GetUtcNow());
        await AuditExport.WriteAsync(export, header, store.ReadAuditAsync(Token), signer, Token);
        export.Position = 0;
        AuditExportVerification found = await AuditExport.VerifyAsync(
            export, [signer.PublicKey], await store.GetAuditHeadAsync(Token), Token);
        (found.Fault, found.Chain.Records, found.Chain.SignedUpTo).ShouldBe((AuditFault.None, 2, 1));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_kept_is_refused_before_it_joins_others()
    {
        KmsStore store = await CreateAsync();
        await Should.ThrowAsync<ArgumentException>(async () => await store.AppendAuditAsync([Entry(AuditKind.Denied, "a\0b")], Token));
        await Should.ThrowAsync<ArgumentException>(
            async () => await store.CreateDomainAsync(Domain(), Entry(AuditKind.Denied, "a\ud800b"), Token));
    }

    [Fact]
    public async Task A_writer_that_gives_up_before_its_turn_writes_nothing()
    {
        KmsStore store = await CreateAsync();
        using CancellationTokenSource gone = new();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(store.AppendAuditAsync([Entry(AuditKind.Custody)], gone.Token));
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(0);
    }

    /// <summary>How many signed requests are remembered.</summary>
    protected abstract Task<long> CountReplaysAsync();

    protected sealed class TestSigner : IAuditSigner, IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private bool _ended;

        public TestSigner() => PublicKey = AuditPublicKey.Import(_key.ExportSubjectPublicKeyInfo());

        public AuditPublicKey PublicKey { get; }

        public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
        {
            if (_ended)
            {
                throw new CryptographicException();
            }

            _key.TrySignData(
                data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _).ShouldBeTrue();
        }

        public void Dispose()
        {
            _ended = true;
            _key.Dispose();
        }
    }
}
