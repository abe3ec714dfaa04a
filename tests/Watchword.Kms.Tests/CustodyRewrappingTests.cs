using System.Runtime.Versioning;

namespace Watchword.Kms.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class CustodyRewrappingTests : IDisposable
{
    private const string KmsUri = "kms.x.example";

    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-rewrap-").FullName;

    public CustodyRewrappingTests()
    {
        KeyEncryptionKeySource.CreateKeyFile(Old);
        KeyEncryptionKeySource.CreateKeyFile(New);
        GuardedFile.WriteNew(Passphrase, "correct horse battery"u8);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Old => Path.Combine(_directory, "old");

    private string New => Path.Combine(_directory, "new");

    private string Passphrase => Path.Combine(_directory, "passphrase");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task All_documents_go_from_key_file_to_key_file_and_the_old_key_is_not_needed_then()
    {
        byte[] publicKey = await FillAsync();
        byte[] sealedSecret = await SealAsync();
        using (EnvelopeCustody both = Open(New, Old))
        {
            CustodyRewrapping rewrapping = new(both);
            IReadOnlyList<RewrapStep> plan = await rewrapping.PlanAsync(Token);
            plan.Count.ShouldBe(4);
            plan.ShouldAllBe(step => !step.IsCurrent);
            (await ErrorOf(() => rewrapping.FinishAsync(Token))).ShouldBe(KmsError.RewrapIncomplete);

            // The plan changes nothing.
            using (EnvelopeCustody old = Open(Old))
            {
                (await old.OpenAsync(KmsUri, 1, Token)).Dispose();
            }

            (await rewrapping.RunAsync(Token)).Count(step => !step.IsCurrent).ShouldBe(4);
            (await rewrapping.FinishAsync(Token)).ShouldBe(4);
            (await rewrapping.RunAsync(Token)).ShouldAllBe(step => step.IsCurrent);
        }

        await CheckAsync(publicKey, sealedSecret);
        using EnvelopeCustody stale = Open(Old);
        (await ErrorOf(() => stale.OpenAsync(KmsUri, 1, Token))).ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);
    }

    [Fact]
    public async Task The_first_format_goes_to_a_passphrase_and_keeps_its_secrets()
    {
        DirectoryDocuments documents = new(_directory);
        byte[] first = File.ReadAllBytes(
            Path.Combine(AppContext.BaseDirectory, "vectors", "custody", "watchword-custody-1-key-file.json"));
        GuardedFile.WriteNew(documents.PathOf(EnvelopeCustody.DocumentOf(KmsUri, 1)), first);
        File.WriteAllBytes(Old, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        byte[] publicKey;
        using (EnvelopeCustody old = Open(Old))
        using (MasterSecrets secrets = await old.OpenAsync(KmsUri, 1, Token))
        {
            publicKey = secrets.Eccsi.PublicKey.Export();
        }

        using (EnvelopeCustody both = new(
            documents, KeyEncryptionKeySource.FromPassphraseFile(Passphrase), KeyEncryptionKeySource.FromKeyFile(Old)))
        {
            await new CustodyRewrapping(both).RunAsync(Token);
            (await new CustodyRewrapping(both).FinishAsync(Token)).ShouldBe(1);
        }

        using EnvelopeCustody fresh = new(documents, KeyEncryptionKeySource.FromPassphraseFile(Passphrase));
        using MasterSecrets opened = await fresh.OpenAsync(KmsUri, 1, Token);
        opened.Eccsi.PublicKey.Export().ShouldBe(publicKey);
        (await fresh.ListAsync(Token)).ShouldHaveSingleItem().IsCurrent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_crash_at_any_step_leaves_every_document_open_under_one_of_the_keys_and_a_second_run_ends_it()
    {
        // Every call of the document interface is a step at which the process may die: before it takes effect, or after.
        for (int step = 0; ; step++)
        {
            EmptyDirectory();
            byte[] publicKey = await FillAsync();
            byte[] sealedSecret = await SealAsync();
            CrashingDocuments crashing = new(new DirectoryDocuments(_directory), step);
            bool crashed = false;
            using (EnvelopeCustody both = OpenOver(crashing, New, Old))
            {
                try
                {
                    await new CustodyRewrapping(both).RunAsync(Token);
                }
                catch (CrashException)
                {
                    crashed = true;
                }
            }

            if (!crashed)
            {
                step.ShouldBeGreaterThan(8);
                break;
            }

            using (EnvelopeCustody both = Open(New, Old))
            {
                (await both.OpenAsync(KmsUri, 1, Token)).Dispose();
                (await both.OpenAsync(KmsUri, 2, Token)).Dispose();
                (await both.OpenSealerAsync(KmsUri, "transport-keys", Token)).Dispose();
                await new CustodyRewrapping(both).RunAsync(Token);
                (await new CustodyRewrapping(both).FinishAsync(Token)).ShouldBe(4);
            }

            await CheckAsync(publicKey, sealedSecret);
        }
    }

    [Fact]
    public async Task A_node_with_the_old_key_makes_no_document_and_one_that_has_them_the_wrong_way_round_is_found_by_finish()
    {
        await FillAsync();
        using EnvelopeCustody both = Open(New, Old);
        await new CustodyRewrapping(both).RunAsync(Token);
        using MasterSecrets secrets = MasterSecrets.Generate();
        using (EnvelopeCustody node = Open(Old))
        {
            (await ErrorOf(() => node.StoreAsync(KmsUri, 3, secrets, Token))).ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);
        }

        using (EnvelopeCustody node = Open(Old, New))
        {
            await node.StoreAsync(KmsUri, 3, secrets, Token);
        }

        (await ErrorOf(() => new CustodyRewrapping(both).FinishAsync(Token))).ShouldBe(KmsError.RewrapIncomplete);
        (await new CustodyRewrapping(both).RunAsync(Token)).Count(step => !step.IsCurrent).ShouldBe(1);
        await new CustodyRewrapping(both).FinishAsync(Token);
    }

    [Fact]
    public async Task A_key_that_is_neither_stops_the_run_and_is_named()
    {
        await FillAsync();
        string third = Path.Combine(_directory, "third");
        KeyEncryptionKeySource.CreateKeyFile(third);
        using EnvelopeCustody wrong = Open(New, third);
        KmsException fault = await Should.ThrowAsync<KmsException>(() => new CustodyRewrapping(wrong).RunAsync(Token));
        fault.Error.ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);
        using CustodySecret old = KeyEncryptionKeySource.ReadKeyFile(Old);
        fault.Message.ShouldContain(LocalKeyEncryptionKey.IdOf(old.Span));
    }

    [Fact]
    public async Task Of_two_that_replace_a_document_at_once_one_is_told()
    {
        DirectoryDocuments documents = new(_directory);
        const string name = "custody-x-1";
        (await documents.TryCreateAsync(name, "one"u8.ToArray(), Token)).ShouldBeTrue();
        (await documents.TryCreateAsync(name, "two"u8.ToArray(), Token)).ShouldBeFalse();
        (await documents.TryReplaceAsync(name, "two"u8.ToArray(), "three"u8.ToArray(), Token)).ShouldBeFalse();
        (await documents.TryReplaceAsync(name, "one"u8.ToArray(), "three"u8.ToArray(), Token)).ShouldBeTrue();
        (await documents.ReadAsync(name, Token)).ShouldBe("three"u8.ToArray());
        File.GetUnixFileMode(documents.PathOf(name)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await documents.ReadAsync("custody-y-1", Token)).ShouldBeNull();
        Should.Throw<ArgumentException>(() => documents.PathOf("../custody-x-1"));
        Should.Throw<ArgumentException>(() => documents.PathOf("custody-../x"));
    }

    [Fact]
    public async Task Shares_of_a_key_file_open_what_the_key_file_wrapped()
    {
        byte[] publicKey = await FillAsync();
        List<string> files;
        using (CustodySecret key = KeyEncryptionKeySource.ReadKeyFile(Old))
        {
            files = [.. ShareText.WriteFiles(KeyShare.Split(ShareKind.KeyEncryptionKey, key, 3, 5), _directory)];
        }

        files.ShouldAllBe(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.Delete(Old);
        using EnvelopeCustody custody = new(
            new DirectoryDocuments(_directory),
            KeyEncryptionKeySource.FromShares(new ShareFiles(ShareKind.KeyEncryptionKey, [files[4], files[1], files[2]])));
        using MasterSecrets opened = await custody.OpenAsync(KmsUri, 1, Token);
        opened.Eccsi.PublicKey.Export().ShouldBe(publicKey);
        (await custody.ListAsync(Token)).ShouldAllBe(document => document.IsCurrent);

        using EnvelopeCustody tooFew = new(
            new DirectoryDocuments(_directory),
            KeyEncryptionKeySource.FromShares(new ShareFiles(ShareKind.KeyEncryptionKey, [files[4], files[1]])));
        (await ErrorOf(() => tooFew.OpenAsync(KmsUri, 1, Token))).ShouldBe(KmsError.SharesMissing);
    }

    [Fact]
    public async Task Custody_waits_sealed_until_the_shares_are_there()
    {
        byte[] publicKey = await FillAsync();
        using CustodySecret key = KeyEncryptionKeySource.ReadKeyFile(Old);
        IReadOnlyList<KeyShare> shares = KeyShare.Split(ShareKind.KeyEncryptionKey, key, 2, 3);
        using UnsealSession session = new(ShareKind.KeyEncryptionKey, TimeProvider.System);
        using EnvelopeCustody custody = new(
            new DirectoryDocuments(_directory), KeyEncryptionKeySource.FromShares(session));
        Task<MasterSecrets> opening = custody.OpenAsync(KmsUri, 1, Token);
        session.Add(shares[2], "a");
        opening.IsCompleted.ShouldBeFalse();
        session.Add(shares[0], "b");
        using MasterSecrets opened = await opening;
        opened.Eccsi.PublicKey.Export().ShouldBe(publicKey);
    }

    private static EnvelopeCustody OpenOver(ICustodyDocuments documents, string current, string? previous = null) => new(
        documents,
        KeyEncryptionKeySource.FromKeyFile(current),
        previous is null ? null : KeyEncryptionKeySource.FromKeyFile(previous));

    private static async Task<KmsError> ErrorOf(Func<Task> act) => (await Should.ThrowAsync<KmsException>(act)).Error;

    private EnvelopeCustody Open(string current, string? previous = null) =>
        OpenOver(new DirectoryDocuments(_directory), current, previous);

    private void EmptyDirectory()
    {
        foreach (string file in Directory.GetFiles(_directory, "*custody-*"))
        {
            File.Delete(file);
        }
    }

    private async Task<byte[]> FillAsync()
    {
        using EnvelopeCustody custody = Open(Old);
        using MasterSecrets first = MasterSecrets.Generate();
        using MasterSecrets second = MasterSecrets.Generate();
        await custody.StoreAsync(KmsUri, 1, first, Token);
        await custody.StoreAsync(KmsUri, 2, second, Token);
        (await custody.OpenSealerAsync(KmsUri, "transport-keys", Token)).Dispose();
        (await custody.OpenAuditSigningKeyAsync(Token)).Dispose();
        return first.Eccsi.PublicKey.Export();
    }

    private async Task<byte[]> SealAsync()
    {
        using EnvelopeCustody custody = Open(Old);
        using SecretSealer sealer = await custody.OpenSealerAsync(KmsUri, "transport-keys", Token);
        return sealer.Seal("secret"u8, "context"u8);
    }

    /// <summary>Under the new key alone everything is as it was.</summary>
    private async Task CheckAsync(byte[] publicKey, byte[] sealedSecret)
    {
        using EnvelopeCustody custody = Open(New);
        using MasterSecrets opened = await custody.OpenAsync(KmsUri, 1, Token);
        opened.Eccsi.PublicKey.Export().ShouldBe(publicKey);
        using SecretSealer sealer = await custody.OpenSealerAsync(KmsUri, "transport-keys", Token);
        byte[] secret = new byte[6];
        sealer.Open(sealedSecret, "context"u8, secret);
        secret.ShouldBe("secret"u8.ToArray());
    }

    private sealed class CrashException : Exception;

    /// <summary>Dies at one of its calls: before an even step takes effect, after an odd one did.</summary>
    private sealed class CrashingDocuments(ICustodyDocuments inner, int crashAt) : ICustodyDocuments
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
            if (_step++ == crashAt)
            {
                throw new CrashException();
            }

            T result = await act();
            return _step++ == crashAt ? throw new CrashException() : result;
        }
    }
}
