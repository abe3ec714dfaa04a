namespace Watchword.Kms.Tests;

public abstract class LocalKeyContract : KeyEncryptionKeyContract, IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("watchword-kek-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

public sealed class KeyFileTests : LocalKeyContract
{
    protected override Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        string file = Path.Combine(Folder, "kek");
        KeyEncryptionKeySource.CreateKeyFile(file);
        return Task.FromResult<IKeyEncryptionKeySource>(KeyEncryptionKeySource.FromKeyFile(file));
    }
}

public sealed class PassphraseTests : LocalKeyContract
{
    protected override Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        string file = Path.Combine(Folder, "passphrase");
        GuardedFile.WriteNew(file, "correct horse battery"u8);
        return Task.FromResult<IKeyEncryptionKeySource>(KeyEncryptionKeySource.FromPassphraseFile(file));
    }
}

public sealed class SharedKeyTests : LocalKeyContract
{
    protected override Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        using CustodySecret key = CustodySecret.Random(32);
        IReadOnlyList<string> files = ShareText.WriteFiles(KeyShare.Split(ShareKind.KeyEncryptionKey, key, 2, 3), Folder);
        return Task.FromResult<IKeyEncryptionKeySource>(
            KeyEncryptionKeySource.FromShares(new ShareFiles(ShareKind.KeyEncryptionKey, [files[2], files[0]])));
    }
}

public sealed class EphemeralKeyTests : KeyEncryptionKeyContract
{
    protected override Task<IKeyEncryptionKeySource> CreateSourceAsync() =>
        Task.FromResult<IKeyEncryptionKeySource>(new EphemeralKeySource());
}
