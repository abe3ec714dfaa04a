using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.KeyManagement;

/// <summary>
/// A fingerprint of a transport key and an integrity key, in words that two people read to each other. It tells nothing useful of the
/// keys, which are random.
/// </summary>
/// <remarks>
/// SHA-256 over <c>watchword-key-pair-1</c> and, for the transport key and then the integrity key, the length of the id in UTF-8 in four
/// octets (big-endian), the id and the 32 octets. Each of the first eight octets picks a word of the list in
/// <c>Enrolment/fingerprint-words.txt</c>, counted from 0.
/// </remarks>
public static class KeyFingerprint
{
    /// <summary>Number of words: 64 bits.</summary>
    public const int WordCount = 8;

    private static readonly Lazy<string[]> List = new(LoadWords);

    /// <summary>The words of the list, 256.</summary>
    public static IReadOnlyList<string> WordList => List.Value;

    /// <summary>The eight words of a pair of keys.</summary>
    public static IReadOnlyList<string> Words(TransportKey transportKey, IntegrityKey integrityKey)
    {
        ArgumentNullException.ThrowIfNull(transportKey);
        ArgumentNullException.ThrowIfNull(integrityKey);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("watchword-key-pair-1"u8);
        Append(hash, transportKey);
        Append(hash, integrityKey);
        byte[] digest = hash.GetHashAndReset();
        return [.. digest.Take(WordCount).Select(octet => List.Value[octet])];
    }

    private static void Append(IncrementalHash hash, SecurityExtensionKey key)
    {
        byte[] id = Encoding.UTF8.GetBytes(key.Id);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, id.Length);
        hash.AppendData(length);
        hash.AppendData(id);
        hash.AppendData(key.Octets);
    }

    private static string[] LoadWords()
    {
        using Stream stream = typeof(KeyFingerprint).Assembly.GetManifestResourceStream("fingerprint-words.txt")!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
