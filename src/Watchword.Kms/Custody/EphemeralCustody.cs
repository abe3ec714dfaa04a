using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>Custody in memory, for tests: what it keeps ends with it. Wraps like the file does, under a random key.</summary>
public sealed class EphemeralCustody : IMasterSecretCustody, IDisposable
{
    private readonly ConcurrentDictionary<(string KmsUri, int Generation), SealedMasterSecrets> _kept = new();
    private readonly KeyEncryptionKey _key = CreateKey();

    /// <inheritdoc/>
    public void Store(string kmsUri, int generation, MasterSecrets secrets)
    {
        if (!_kept.TryAdd((kmsUri, generation), SealedMasterSecrets.Seal(secrets, _key, kmsUri, generation)))
        {
            throw new KmsException(KmsError.CustodyWithoutDomain, $"{kmsUri}, generation {generation}");
        }
    }

    /// <inheritdoc/>
    public MasterSecrets Open(string kmsUri, int generation) =>
        _kept.TryGetValue((kmsUri, generation), out SealedMasterSecrets? kept)
            ? kept.Open(_key, kmsUri, generation)
            : throw new KmsException(KmsError.CustodyNotOpened, $"{kmsUri}, generation {generation}: nothing kept");

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static KeyEncryptionKey CreateKey()
    {
        byte[] key = GC.AllocateArray<byte>(KeyEncryptionKey.SizeInBytes, pinned: true);
        RandomNumberGenerator.Fill(key);
        try
        {
            return new KeyEncryptionKey(key, KeyDerivation.KeyFile);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
