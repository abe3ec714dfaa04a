using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// The public half of the recovery key, under which backups are encrypted without any share holder: a point of P-256,
/// uncompressed, 65 octets.
/// </summary>
public sealed class RecoveryPublicKey
{
    /// <summary>Octets of the point.</summary>
    public const int SizeInBytes = 65;

    internal const int KeyIdOctets = 16;
    private const int CoordinateOctets = 32;
    private const byte Uncompressed = 4;

    private readonly byte[] _point;

    private RecoveryPublicKey(byte[] point) => _point = point;

    /// <summary>Names the key, 32 hexadecimal digits.</summary>
    public string KeyId => Convert.ToHexStringLower(Id);

    internal ReadOnlySpan<byte> Point => _point;

    internal byte[] Id => SHA256.HashData(_point)[..KeyIdOctets];

    /// <summary>Takes a point.</summary>
    /// <exception cref="CryptographicException">It is no point of the curve.</exception>
    public static RecoveryPublicKey Import(ReadOnlySpan<byte> point)
    {
        if (point.Length != SizeInBytes || point[0] != Uncompressed)
        {
            throw new CryptographicException("No uncompressed point of P-256.");
        }

        RecoveryPublicKey key = new(point.ToArray());
        using ECDiffieHellman check = key.Open();
        return key;
    }

    internal static RecoveryPublicKey Of(ECDiffieHellman key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return new RecoveryPublicKey([Uncompressed, .. point.X!, .. point.Y!]);
    }

    internal ECDiffieHellman Open() => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = _point[1..(1 + CoordinateOctets)], Y = _point[(1 + CoordinateOctets)..] },
    });
}

/// <summary>The private half, which exists only as shares, and here for as long as a backup is open.</summary>
public sealed class RecoveryPrivateKey : IDisposable
{
    private readonly ECDiffieHellman _key;

    private RecoveryPrivateKey(ECDiffieHellman key)
    {
        _key = key;
        PublicKey = RecoveryPublicKey.Of(key);
    }

    /// <summary>The public half.</summary>
    public RecoveryPublicKey PublicKey { get; }

    /// <summary>Opens the key that shares gave.</summary>
    /// <param name="scalar">32 octets; they stay with the caller.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SharesDoNotCombine"/>.</exception>
    public static RecoveryPrivateKey FromSecret(CustodySecret scalar)
    {
        byte[] octets = GC.AllocateArray<byte>(scalar.Length, pinned: true);
        try
        {
            scalar.Export(octets);
            return new RecoveryPrivateKey(
                ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = octets }));
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.SharesDoNotCombine, "the secret is no recovery key", fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary>Draws a new key and gives its scalar, to be split at once.</summary>
    internal static (RecoveryPublicKey Public, CustodySecret Scalar) Generate()
    {
        using ECDiffieHellman key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        byte[] scalar = key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return (RecoveryPublicKey.Of(key), new CustodySecret(scalar));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    internal byte[] Agree(RecoveryPublicKey other)
    {
        using ECDiffieHellman peer = other.Open();
        return _key.DeriveRawSecretAgreement(peer.PublicKey);
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(RecoveryPrivateKey);
}

/// <summary>The recovery key of an installation: its public half is in custody, its private half in the shares given out
/// once.</summary>
public sealed class RecoveryKeys(EnvelopeCustody custody)
{
    private const string PointName = "public-key";

    /// <summary>The key in use: the latest; null if there is none.</summary>
    public async Task<RecoveryPublicKey?> FindAsync(CancellationToken cancellationToken = default) =>
        (await FindLatestAsync(cancellationToken).ConfigureAwait(false)).Key;

    /// <summary>Makes a recovery key. Its private half is split and forgotten.</summary>
    /// <param name="threshold">How many shares open a backup.</param>
    /// <param name="count">How many shares there are.</param>
    /// <param name="replace">Makes a new key though there is one: backups from now on are under the new one, older ones stay
    /// under the old.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The public half and the shares, which the caller hands out and disposes.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.RecoveryKeyExists"/>, <see cref="KmsError.ShareParametersInvalid"/>.
    /// </exception>
    public async Task<(RecoveryPublicKey Key, IReadOnlyList<KeyShare> Shares)> CreateAsync(
        int threshold, int count, bool replace = false, CancellationToken cancellationToken = default)
    {
        (RecoveryPublicKey? existing, int generation) = await FindLatestAsync(cancellationToken).ConfigureAwait(false);
        if (existing is not null && !replace)
        {
            throw new KmsException(KmsError.RecoveryKeyExists, existing.KeyId);
        }

        (RecoveryPublicKey key, CustodySecret scalar) = RecoveryPrivateKey.Generate();
        using (scalar)
        {
            IReadOnlyList<KeyShare> shares = KeyShare.Split(ShareKind.RecoveryKey, scalar, threshold, count);
            CustodyPlace place = new(CustodyKind.RecoveryKey, string.Empty, generation + 1);
            bool created = await custody.TryCreateAsync(
                place,
                cipher => new Dictionary<string, SealedSecret>(StringComparer.Ordinal)
                {
                    [PointName] = SealedSecret.Seal(cipher, key.Point, place.AssociatedData(PointName)),
                },
                cancellationToken).ConfigureAwait(false);
            return created ? (key, shares) : throw new KmsException(KmsError.CustodyChanged, place.Name);
        }
    }

    private async Task<(RecoveryPublicKey? Key, int Generation)> FindLatestAsync(CancellationToken cancellationToken)
    {
        RecoveryPublicKey? latest = null;
        for (int generation = 1; ; generation++)
        {
            CustodyPlace place = new(CustodyKind.RecoveryKey, string.Empty, generation);
            using OpenDocument? document = await custody.FindAsync(place, cancellationToken).ConfigureAwait(false);
            if (document is null)
            {
                return (latest, generation - 1);
            }

            byte[] point = new byte[RecoveryPublicKey.SizeInBytes];
            document.OpenSecret(PointName, point);
            latest = RecoveryPublicKey.Import(point);
        }
    }
}
