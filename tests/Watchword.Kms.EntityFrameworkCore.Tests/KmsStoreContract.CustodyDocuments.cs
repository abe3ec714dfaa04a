namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Custody documents in the database that the nodes share.</summary>
public abstract partial class KmsStoreContract
{
    private const string DocumentName = "custody-audit-signing-key-1";

    [Fact]
    public async Task A_custody_document_is_created_once_and_replaced_only_by_who_saw_the_last()
    {
        ICustodyDocuments here = (await CreateAsync()).CustodyDocuments;
        ICustodyDocuments there = (await CreateAsync()).CustodyDocuments;
        (await here.ListAsync(Token)).ShouldBeEmpty();
        (await here.ReadAsync(DocumentName, Token)).ShouldBeNull();
        (await here.TryReplaceAsync(DocumentName, new byte[1], new byte[2], Token)).ShouldBeFalse();
        (await here.TryCreateAsync(DocumentName, new byte[] { 1 }, Token)).ShouldBeTrue();
        (await there.TryCreateAsync(DocumentName, new byte[] { 2 }, Token)).ShouldBeFalse();
        (await there.ReadAsync(DocumentName, Token)).ShouldBe([1]);
        (await there.TryReplaceAsync(DocumentName, new byte[] { 1 }, new byte[] { 3 }, Token)).ShouldBeTrue();
        (await here.TryReplaceAsync(DocumentName, new byte[] { 1 }, new byte[] { 4 }, Token)).ShouldBeFalse();
        (await here.ReadAsync(DocumentName, Token)).ShouldBe([3]);
        (await here.TryCreateAsync("custody-a", new byte[ICustodyDocuments.MaxOctets], Token)).ShouldBeTrue();
        (await there.ListAsync(Token)).ShouldBe(["custody-a", DocumentName]);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(
            here.TryCreateAsync("custody-b", new byte[ICustodyDocuments.MaxOctets + 1], Token));
    }

    [Fact]
    public async Task Of_nodes_that_replace_a_custody_document_at_once_one_succeeds()
    {
        ICustodyDocuments[] nodes = [(await CreateAsync()).CustodyDocuments, (await CreateAsync()).CustodyDocuments];
        await nodes[0].TryCreateAsync(DocumentName, new byte[] { 0 }, Token);
        bool[] replaced = await Task.WhenAll(Enumerable.Range(1, 16).Select(
            n => nodes[n % 2].TryReplaceAsync(DocumentName, new byte[] { 0 }, new[] { (byte)n }, Token)));
        replaced.Count(done => done).ShouldBe(1);
        byte[] kept = (await nodes[0].ReadAsync(DocumentName, Token)).ShouldNotBeNull();
        replaced[kept[0] - 1].ShouldBeTrue();
    }

    [Fact]
    public async Task Nodes_over_one_database_open_what_the_others_sealed_and_re_wrapping_survives_a_crash_at_every_step()
    {
        KmsStore store = await CreateAsync();
        KmsStore other = await CreateAsync();
        string directory = Directory.CreateTempSubdirectory("watchword-custody-db-").FullName;
        try
        {
            (string old, string young) = (Path.Combine(directory, "old"), Path.Combine(directory, "new"));
            KeyEncryptionKeySource.CreateKeyFile(old);
            KeyEncryptionKeySource.CreateKeyFile(young);
            using (EnvelopeCustody here = new(store.CustodyDocuments, KeyEncryptionKeySource.FromKeyFile(old)))
            using (EnvelopeCustody there = new(other.CustodyDocuments, KeyEncryptionKeySource.FromKeyFile(old)))
            {
                using MasterSecrets secrets = MasterSecrets.Generate();
                await here.StoreAsync("kms.example.org", 1, secrets, Token);
                using SecretSealer seals = await here.OpenSealerAsync("kms.example.org", "transport-keys", Token);
                using SecretSealer opens = await there.OpenSealerAsync("kms.example.org", "transport-keys", Token);
                byte[] opened = new byte[3];
                opens.Open(seals.Seal([1, 2, 3], []), [], opened);
                opened.ShouldBe([1, 2, 3]);
                using MasterSecrets same = await there.OpenAsync("kms.example.org", 1, Token);
                same.Eccsi.PublicKey.Equals(secrets.Eccsi.PublicKey).ShouldBeTrue();
            }

            for (int step = 0; ; step++)
            {
                using EnvelopeCustody both = new(
                    new StoppingDocuments(store.CustodyDocuments, step), KeyEncryptionKeySource.FromKeyFile(young),
                    KeyEncryptionKeySource.FromKeyFile(old));
                try
                {
                    await new CustodyRewrapping(both).RunAsync(Token);
                    break;
                }
                catch (OperationCanceledException)
                {
                    // Whatever was done: with both keys everything opens.
                    using EnvelopeCustody node = new(
                        other.CustodyDocuments, KeyEncryptionKeySource.FromKeyFile(young),
                        KeyEncryptionKeySource.FromKeyFile(old));
                    (await node.OpenAsync("kms.example.org", 1, Token)).Dispose();
                    (await node.OpenSealerAsync("kms.example.org", "transport-keys", Token)).Dispose();
                }
            }

            using EnvelopeCustody alone = new(other.CustodyDocuments, KeyEncryptionKeySource.FromKeyFile(young));
            (await new CustodyRewrapping(alone).FinishAsync(Token)).ShouldBe(2);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Ends at a step, before or after it was done.</summary>
    private sealed class StoppingDocuments(ICustodyDocuments inner, int stopAt) : ICustodyDocuments
    {
        private int _step;

        public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
            StepAsync(() => inner.ListAsync(cancellationToken));

        public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            StepAsync(() => inner.ReadAsync(name, cancellationToken));

        public Task<bool> TryCreateAsync(
            string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            StepAsync(() => inner.TryCreateAsync(name, content, cancellationToken));

        public Task<bool> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken = default) =>
            StepAsync(() => inner.TryReplaceAsync(name, expected, content, cancellationToken));

        private async Task<T> StepAsync<T>(Func<Task<T>> act)
        {
            if (_step++ == stopAt)
            {
                throw new OperationCanceledException();
            }

            T result = await act();
            return _step++ == stopAt ? throw new OperationCanceledException() : result;
        }
    }
}
