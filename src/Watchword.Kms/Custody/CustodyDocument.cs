using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>What is known of a custody document without opening it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="KmsUri">The domain; empty for the whole installation.</param>
/// <param name="Generation">From 1.</param>
/// <param name="Purpose">For a sealing key.</param>
/// <param name="Key">The key-encryption key that it is under.</param>
/// <param name="IsCurrent">True if that is the current one, in the present format.</param>
public sealed record CustodyDocument(
    string Name, CustodyKind Kind, string KmsUri, int Generation, string? Purpose, KeyEncryptionKeyParameters Key,
    bool IsCurrent);

/// <summary>A document that was opened: its data key, and what it seals. Disposing wipes the data key.</summary>
internal sealed class OpenDocument : IDisposable
{
    private readonly AesGcm _cipher;

    public OpenDocument(CustodyEnvelope envelope, CustodySecret dataKey)
    {
        Envelope = envelope;
        DataKey = dataKey;
        _cipher = new AesGcm(dataKey.Span, SealedSecret.TagSizeInBytes);
    }

    public CustodyEnvelope Envelope { get; }

    public CustodySecret DataKey { get; }

    public MasterSecrets OpenMasterSecrets()
    {
        try
        {
            return MasterSecretsSeal.Fits(Envelope.Secrets)
                ? MasterSecretsSeal.Open(Envelope.Secrets, _cipher, Envelope.Place.AssociatedData)
                : throw new KmsException(KmsError.CustodyMalformed, Envelope.Place.Name);
        }
        catch (CryptographicException fault)
        {
            throw NotOpened(fault);
        }
    }

    public void OpenSecret(string name, Span<byte> secret)
    {
        try
        {
            if (!Envelope.Secrets.TryGetValue(name, out SealedSecret? found) || !found.Fits(secret.Length))
            {
                throw new KmsException(KmsError.CustodyMalformed, Envelope.Place.Name);
            }

            found.Open(_cipher, secret, Envelope.Place.AssociatedData(name));
        }
        catch (CryptographicException fault)
        {
            CryptographicOperations.ZeroMemory(secret);
            throw NotOpened(fault);
        }
    }

    /// <summary>Opens everything, so that nothing broken is passed on.</summary>
    public void Check()
    {
        if (Envelope.Place.Kind == CustodyKind.MasterSecrets)
        {
            OpenMasterSecrets().Dispose();
            return;
        }

        foreach ((string name, SealedSecret secret) in Envelope.Secrets)
        {
            byte[] opened = GC.AllocateUninitializedArray<byte>(secret.Ciphertext.Length, pinned: true);
            OpenSecret(name, opened);
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        DataKey.Dispose();
    }

    private KmsException NotOpened(CryptographicException fault) => new(KmsError.CustodyNotOpened, Envelope.Place.Name, fault);
}
