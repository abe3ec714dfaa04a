using System.Diagnostics.CodeAnalysis;
using System.Text;
using Watchword.McServices.Protection;

namespace Watchword.McServices;

/// <summary>
/// An MC identity where no XML fits, such as an attribute or a header (TS 33.180 9.3.4, TS 24.379 6.6.2): a SIP URI whose user
/// part holds the encrypted URI, <c>sip:CIPHERTEXT;iv=IV;key-id=XPK-ID;alg=128-aes-gcm@HOST</c>, each value in base64; the cipher
/// text ends with the tag of 16 octets. The host says that the user part is confidential (TS 23.003 26.2).
/// </summary>
/// <remarks>Each identity has one spelling under one IV: whatever else a SIP URI could be is refused.</remarks>
public sealed class ConfidentialUri
{
    /// <summary>The domain of confidential MC identities (TS 23.003 26.2).</summary>
    public const string DefaultHost = "mc1-encrypted.3gppnetwork.org";

    /// <summary>The longest URI that is encrypted, in UTF-8 octets.</summary>
    public const int MaximumUriSizeInBytes = 2048;

    private const string Scheme = "sip:";
    private const string Algorithm = "128-aes-gcm";

    // In the order in which they are written and read.
    private static readonly string[] _parameters = ["iv=", "key-id=", "alg="];

    private readonly byte[] _whole;

    private ConfidentialUri(byte[] whole, uint xpkId)
    {
        _whole = whole;
        XpkId = xpkId;
    }

    /// <summary>The identifier of the key.</summary>
    public uint XpkId { get; }

    /// <summary>Encrypts a URI.</summary>
    /// <param name="uri">The whole URI, scheme included.</param>
    /// <param name="key">The key.</param>
    /// <param name="host">The host of the result.</param>
    /// <exception cref="ArgumentException">
    /// A URI that is empty, too long or not printable, or a host that is not the name of one.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static string Encrypt(string uri, SignallingConfidentialityKey key, string host = DefaultHost)
    {
        byte[] text = Encoding.UTF8.GetBytes(uri);
        if (!IsUri(text))
        {
            throw new ArgumentException("A URI has 1 to 2048 printable octets.", nameof(uri));
        }

        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw new ArgumentException("Not the name of a host.", nameof(host));
        }

        ReadOnlySpan<byte> whole = key.Encrypt(text);
        string iv = Convert.ToBase64String(whole[..SignallingConfidentialityKey.IvSizeInBytes]);
        string cipherText = Convert.ToBase64String(whole[SignallingConfidentialityKey.IvSizeInBytes..]);
        return $"{Scheme}{cipherText};iv={iv};key-id={Protection.XpkId.ToText(key.XpkId)};alg={Algorithm}@{host}";
    }

    /// <summary>Reads a confidential URI. False if it is anything else, an identity in clear among it.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="confidential">The cipher text, unverified.</param>
    /// <param name="host">The host that it must have.</param>
    public static bool TryParse(string uri, [NotNullWhen(true)] out ConfidentialUri? confidential, string host = DefaultHost)
    {
        confidential = null;
        string end = "@" + host;
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal) || !uri.EndsWith(end, StringComparison.Ordinal)
            || uri.Length <= Scheme.Length + end.Length)
        {
            return false;
        }

        string[] parts = uri[Scheme.Length..^end.Length].Split(';');
        if (parts.Length != 1 + _parameters.Length
            || !parts.Skip(1).Zip(_parameters).All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal)))
        {
            return false;
        }

        if (!Base64.TryDecode(parts[0], MaximumUriSizeInBytes + SignallingConfidentialityKey.TagSizeInBytes,
            out byte[] cipherText)
            || cipherText.Length <= SignallingConfidentialityKey.TagSizeInBytes
            || !Base64.TryDecode(Value(1), SignallingConfidentialityKey.IvSizeInBytes, out byte[] iv)
            || iv.Length != SignallingConfidentialityKey.IvSizeInBytes
            || !Protection.XpkId.TryParse(Value(2), out uint xpkId)
            || Value(3) != Algorithm)
        {
            return false;
        }

        confidential = new ConfidentialUri([.. iv, .. cipherText], xpkId);
        return true;

        string Value(int part) => parts[part][_parameters[part - 1].Length..];
    }

    /// <summary>Decrypts the URI.</summary>
    /// <param name="key">The key.</param>
    /// <param name="uri">The URI in clear.</param>
    /// <returns>
    /// False if another key is named, the cipher text is not of this key, or what it holds is no URI: one outcome for all.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryDecrypt(SignallingConfidentialityKey key, [NotNullWhen(true)] out string? uri)
    {
        uri = null;
        byte[]? text = key.Decrypt(_whole);
        if (XpkId != key.XpkId || text is null || !IsUri(text))
        {
            return false;
        }

        uri = Encoding.UTF8.GetString(text);
        return true;
    }

    private static bool IsUri(byte[] text) =>
        text.Length is > 0 and <= MaximumUriSizeInBytes && System.Text.Unicode.Utf8.IsValid(text)
            && !text.Any(o => o is <= 0x20 or 0x7F);
}
