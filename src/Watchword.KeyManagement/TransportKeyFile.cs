using System.Text;
using Watchword.KeyManagement.Enrolment;

namespace Watchword.KeyManagement;

/// <summary>
/// What a KM client is enrolled with out of band: which KMS, for whom, and the first transport and integrity key (TS 33.180 D.1
/// leaves the way open). It has three forms, read by one <see cref="Parse"/>: a file (JSON), a short text for a QR code, and a
/// sheet to print, seal and type in. It owns its keys.
/// </summary>
public sealed class TransportKeyFile : IDisposable
{
    /// <summary>Longest field in UTF-8 octets.</summary>
    public const int MaxFieldOctets = 256;

    /// <summary>Longest file of any form in octets.</summary>
    public const int MaxOctets = 16 * 1024;

    /// <summary>Makes a file and takes over the keys.</summary>
    /// <param name="kmsUri">The identifier of the KMS.</param>
    /// <param name="kmsAddress">The base URL of its HTTP interface.</param>
    /// <param name="userUri">The identity that the keys are for.</param>
    /// <param name="clientId">The client of that identity.</param>
    /// <param name="transportKey">The transport key.</param>
    /// <param name="integrityKey">The integrity key.</param>
    /// <param name="created">When the keys were made; kept to the second.</param>
    /// <exception cref="ArgumentException">A field is empty, longer than 256 octets, or has a control character.</exception>
    public TransportKeyFile(
        string kmsUri, string kmsAddress, string userUri, string clientId, TransportKey transportKey, IntegrityKey integrityKey,
        DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(transportKey);
        ArgumentNullException.ThrowIfNull(integrityKey);
        foreach (string field in new[] { kmsUri, kmsAddress, userUri, clientId, transportKey.Id, integrityKey.Id })
        {
            if (!IsField(field))
            {
                throw new ArgumentException(
                    $"A field of a transport key file has 1 to {MaxFieldOctets} octets and no control character.",
                    nameof(kmsUri));
            }
        }

        KmsUri = kmsUri;
        KmsAddress = kmsAddress;
        UserUri = userUri;
        ClientId = clientId;
        TransportKey = transportKey;
        IntegrityKey = integrityKey;
        Created = DateTimeOffset.FromUnixTimeSeconds(created.ToUnixTimeSeconds());
    }

    /// <summary>The identifier of the KMS, octet by octet.</summary>
    public string KmsUri { get; }

    /// <summary>The base URL of its HTTP interface.</summary>
    public string KmsAddress { get; }

    /// <summary>The identity that the keys are for, octet by octet.</summary>
    public string UserUri { get; }

    /// <summary>The client of that identity (<c>ClientId</c> of a KmsRequest).</summary>
    public string ClientId { get; }

    /// <summary>The transport key; disposed with the file.</summary>
    public TransportKey TransportKey { get; }

    /// <summary>The integrity key; disposed with the file.</summary>
    public IntegrityKey IntegrityKey { get; }

    /// <summary>When the keys were made, in whole seconds.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>The fingerprint of the keys, for the two sides to read to each other.</summary>
    public IReadOnlyList<string> FingerprintWords => KeyFingerprint.Words(TransportKey, IntegrityKey);

    /// <summary>Reads any of the three forms.</summary>
    /// <param name="utf8">The whole text in UTF-8; stays with the caller, who should zero it.</param>
    /// <exception cref="TransportKeyFileException">It is no transport key file, or was changed.</exception>
    public static TransportKeyFile Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxOctets)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.TooLarge);
        }

        ReadOnlySpan<byte> text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        text = text.Trim(" \t\r\n"u8);
        return KeyFileJson.Recognises(text) ? KeyFileJson.Parse(text)
            : KeyFileCompact.Recognises(text) ? KeyFileCompact.Parse(text)
            : KeyFileSheet.Parse(text);
    }

    /// <summary>The file: JSON that people can look at.</summary>
    /// <returns>Owned by the caller.</returns>
    public SecretText ExportFile() => KeyFileJson.Write(this);

    /// <summary>
    /// The text for a QR code: <c>WWTK1:</c> and digits of its alphanumeric set, at most 2,700 characters, usually less than 500.
    /// </summary>
    /// <returns>Owned by the caller.</returns>
    public SecretText ExportCompact() => KeyFileCompact.Write(this);

    /// <summary>The sheet: what it is for, the fingerprint, and numbered lines that each have check characters.</summary>
    /// <returns>Owned by the caller.</returns>
    public SecretText ExportSheet() => KeyFileSheet.Write(this);

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        TransportKey.Dispose();
        IntegrityKey.Dispose();
    }

    /// <summary>The type name: a file never prints its content.</summary>
    public override string ToString() => nameof(TransportKeyFile);

    internal static bool IsField(string? text) =>
        !string.IsNullOrEmpty(text) && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE')
        && Encoding.UTF8.GetByteCount(text) <= MaxFieldOctets;
}
