using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>What was split.</summary>
public enum ShareKind
{
    /// <summary>The key-encryption key of a key file.</summary>
    KeyEncryptionKey = 0,

    /// <summary>The PIN of a PKCS#11 token.</summary>
    TokenPin = 1,

    /// <summary>The private recovery key of backups.</summary>
    RecoveryKey = 2,
}

/// <summary>
/// One share of a split secret. A share alone, or fewer than the threshold, says nothing about the secret, not even its length:
/// <code>
/// split  = length of the secret | secret, padded with zeros to 32 | 16 random octets          (Shamir, octet by octet)
/// share  = version 1 | kind | set id, 8 octets | threshold | index | check value, 16 octets | 49 octets
/// check value = SHA-256("watchword-share-check-1" | kind | set id | split), first 16 octets
/// </code>
/// The random octets keep the check value from confirming a guess, which matters for a PIN.
/// </summary>
public sealed class KeyShare : IDisposable
{
    /// <summary>Longest secret that can be split, in octets.</summary>
    public const int MaxSecretOctets = 32;

    /// <summary>Most shares of a secret.</summary>
    public const int MaxShares = ShamirScheme.MaxShares;

    internal const int SplitOctets = 1 + MaxSecretOctets + BlindingOctets;
    internal const int SetIdOctets = 8;
    internal const int CheckOctets = 16;
    internal const int EncodedOctets = 1 + 1 + SetIdOctets + 1 + 1 + CheckOctets + SplitOctets;

    private const int BlindingOctets = 16;
    private const byte Version = 1;

    private readonly byte[] _check;
    private readonly byte[] _value;
    private readonly byte[] _set;

    private KeyShare(ShareKind kind, byte[] set, int threshold, int index, byte[] check, byte[] value)
    {
        Kind = kind;
        _set = set;
        Threshold = threshold;
        Index = index;
        _check = check;
        _value = value;
    }

    /// <summary>What was split.</summary>
    public ShareKind Kind { get; }

    /// <summary>Names the set, 16 hexadecimal digits: only shares of one set combine.</summary>
    public string SetId => Convert.ToHexStringLower(_set);

    /// <summary>How many shares give the secret.</summary>
    public int Threshold { get; }

    /// <summary>Number of the share in its set, from 1.</summary>
    public int Index { get; }

    /// <summary>Splits a secret.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="secret">1 to 32 octets.</param>
    /// <param name="threshold">How many shares give it back, 2 to <paramref name="count"/>.</param>
    /// <param name="count">How many shares there are, at most 32.</param>
    /// <returns>The shares, which the caller disposes.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ShareParametersInvalid"/>.</exception>
    public static IReadOnlyList<KeyShare> Split(ShareKind kind, CustodySecret secret, int threshold, int count)
    {
        if (secret.Length is 0 or > MaxSecretOctets || threshold < 2 || threshold > count || count > MaxShares)
        {
            throw new KmsException(KmsError.ShareParametersInvalid);
        }

        byte[] set = RandomNumberGenerator.GetBytes(SetIdOctets);
        using CustodySecret split = CustodySecret.Random(SplitOctets);
        Span<byte> octets = split.Writable;
        octets[0] = (byte)secret.Length;
        octets.Slice(1, MaxSecretOctets).Clear();
        secret.Span.CopyTo(octets[1..]);
        byte[][] values = [.. Enumerable.Range(0, count).Select(_ => GC.AllocateArray<byte>(SplitOctets, pinned: true))];
        ShamirScheme.Split(octets, threshold, values);
        byte[] check = CheckOf(kind, set, octets);
        return [.. values.Select((value, i) => new KeyShare(kind, set, threshold, i + 1, check, value))];
    }

    /// <summary>Gives back the secret; exactly as many shares as the threshold, or more.</summary>
    /// <returns>The secret, which the caller disposes. A wrong one is never returned.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SharesMissing"/>, <see cref="KmsError.ShareOfAnotherSet"/>,
    /// <see cref="KmsError.SharesDoNotCombine"/>.</exception>
    public static CustodySecret Combine(IReadOnlyList<KeyShare> shares)
    {
        if (shares.Count == 0 || shares.Count < shares[0].Threshold)
        {
            throw new KmsException(
                KmsError.SharesMissing,
                shares.Count == 0 ? "none was given" : $"{shares.Count} of {shares[0].Threshold} were given");
        }

        if (shares.Any(share => !share.BelongsWith(shares[0])) || shares.DistinctBy(share => share.Index).Count() != shares.Count)
        {
            throw new KmsException(KmsError.ShareOfAnotherSet);
        }

        Span<byte> split = stackalloc byte[SplitOctets];
        try
        {
            ShamirScheme.Combine(
                [.. shares.Select(share => (byte)share.Index)], [.. shares.Select(share => share._value)], split);
            bool verified = CryptographicOperations.FixedTimeEquals(
                CheckOf(shares[0].Kind, shares[0]._set, split), shares[0]._check);
            return verified && split[0] is > 0 and <= MaxSecretOctets
                ? new CustodySecret(split.Slice(1, split[0]))
                : throw new KmsException(KmsError.SharesDoNotCombine, $"set {shares[0].SetId}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(split);
        }
    }

    /// <summary>True if the two may be combined, as far as they say themselves.</summary>
    public bool BelongsWith(KeyShare other) =>
        Kind == other.Kind
        && Threshold == other.Threshold
        && _set.AsSpan().SequenceEqual(other._set)
        && _check.AsSpan().SequenceEqual(other._check);

    /// <summary>Zeroes the share.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_value);

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(KeyShare);

    internal void Encode(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Kind;
        _set.CopyTo(destination[2..]);
        destination[2 + SetIdOctets] = (byte)Threshold;
        destination[3 + SetIdOctets] = (byte)Index;
        _check.CopyTo(destination[(4 + SetIdOctets)..]);
        _value.CopyTo(destination[(4 + SetIdOctets + CheckOctets)..]);
    }

    /// <summary>Null if it is no share.</summary>
    internal static KeyShare? Decode(ReadOnlySpan<byte> encoded)
    {
        ShareKind kind = (ShareKind)encoded[1];
        int threshold = encoded[2 + SetIdOctets];
        int index = encoded[3 + SetIdOctets];
        if (encoded[0] != Version || !Enum.IsDefined(kind) || threshold is < 2 or > MaxShares || index is < 1 or > MaxShares)
        {
            return null;
        }

        byte[] value = GC.AllocateArray<byte>(SplitOctets, pinned: true);
        encoded[(4 + SetIdOctets + CheckOctets)..].CopyTo(value);
        return new KeyShare(
            kind, encoded.Slice(2, SetIdOctets).ToArray(), threshold, index,
            encoded.Slice(4 + SetIdOctets, CheckOctets).ToArray(), value);
    }

    private static byte[] CheckOf(ShareKind kind, byte[] set, ReadOnlySpan<byte> split)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData("watchword-share-check-1"u8);
        sha.AppendData([(byte)kind]);
        sha.AppendData(set);
        sha.AppendData(split);
        sha.GetHashAndReset(hash);
        return hash[..CheckOctets].ToArray();
    }
}
