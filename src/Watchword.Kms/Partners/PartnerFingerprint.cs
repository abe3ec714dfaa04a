using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// The fingerprint of a partner's KMS certificate as two officers compare it: 64 hexadecimal digits in groups, or 32 words, one
/// for each octet, out of the list that fingerprints of transport keys are read from.
/// </summary>
public sealed class PartnerFingerprint
{
    private const int WordsInLine = 8;
    private static readonly char[] Separators = [' ', '\t', '\r', '\n', '-', ',', '.'];
    private readonly KmsCertificateFingerprint _fingerprint;

    private PartnerFingerprint(KmsCertificateFingerprint fingerprint) => _fingerprint = fingerprint;

    /// <summary>Hexadecimal digits in 16 groups of 4.</summary>
    public string Hex => _fingerprint.ToString();

    /// <summary>32 words in 4 lines.</summary>
    public string Words => string.Join('\n', _fingerprint.Octets.ToArray().Select(octet => KeyFingerprint.WordList[octet])
        .Chunk(WordsInLine).Select(line => string.Join(' ', line)));

    /// <summary>The fingerprint of a record; null for a linked domain, which has none.</summary>
    public static PartnerFingerprint? Of(PartnerRecord record) => record.Fingerprint.Length == 0
        ? null
        : new PartnerFingerprint(KmsCertificateFingerprint.FromOctets(record.Fingerprint.Span));

    /// <summary>True if what an officer typed, digits or words, is the whole fingerprint.</summary>
    public bool IsTyped(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return (KmsCertificateFingerprint.TryParse(text, out KmsCertificateFingerprint? typed) && AreEqual(typed.Octets))
            || AreEqual(OctetsOfWords(text));
    }

    /// <summary>The digits.</summary>
    public override string ToString() => Hex;

    private static byte[] OctetsOfWords(string text)
    {
        string[] words = text.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        int[] places = [.. words.Take(KmsCertificateFingerprint.SizeInBytes + 1).Select(PlaceOf)];
        return Array.TrueForAll(places, place => place >= 0) ? [.. places.Select(place => (byte)place)] : [];
    }

    private static int PlaceOf(string word)
    {
        IReadOnlyList<string> list = KeyFingerprint.WordList;
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] == word)
            {
                return i;
            }
        }

        return -1;
    }

    private bool AreEqual(ReadOnlySpan<byte> octets) => CryptographicOperations.FixedTimeEquals(octets, _fingerprint.Octets);
}
