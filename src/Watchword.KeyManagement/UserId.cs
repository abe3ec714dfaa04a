using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.KeyManagement;

/// <summary>
/// The UID of a user in one key period (TS 33.180 F.2.1): 32 octets that ECCSI takes as its identifier and SAKKE as its <c>a</c>
/// or <c>b</c>. It is public. URIs enter octet by octet as provisioned: case, scheme, port and trailing dot matter.
/// </summary>
public sealed class UserId : IEquatable<UserId>
{
    /// <summary>Length of a UID in octets.</summary>
    public const int SizeInBytes = 32;

    /// <summary>The <c>UserIdFormat</c> of a KMS certificate that selects this derivation (D.3.2).</summary>
    public const string Format = "2";

    private const int Base64Length = 44;
    private const int HexLength = 64;

    /// <summary>FC of F.2.1: a dummy, for this is a plain hash and not a key derivation.</summary>
    private const byte FunctionCode = 0x00;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _octets;

    private UserId(byte[] octets) => _octets = octets;

    /// <summary>The 32 octets.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Computes the UID of a user URI under a KMS in a key period.</summary>
    /// <param name="userUri">MC service ID, GMS URI or MDSI exactly as provisioned, with its scheme (P1).</param>
    /// <param name="kmsUri">The <c>KmsUri</c> of the KMS certificate (P2).</param>
    /// <param name="schedule">Key period and offset of the KMS certificate (P3, P4).</param>
    /// <param name="periodNumber">Key period number (P5), not negative.</param>
    /// <exception cref="ArgumentException">A URI is empty, has no UTF-8 form, or is longer than 65,535 octets.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The period number is negative.</exception>
    public static UserId Compute(string userUri, string kmsUri, KeyPeriodSchedule schedule, long periodNumber) =>
        new(SHA256.HashData(EncodeInput(userUri, kmsUri, schedule, periodNumber)));

    /// <summary>
    /// The octet string that <see cref="Compute"/> hashes: <c>FC || P0 || L0 || ... || P5 || L5</c>, each length in two octets
    /// after its parameter (TS 33.220 B.2). For tools that show a derivation step by step.
    /// </summary>
    /// <inheritdoc cref="Compute"/>
    public static byte[] EncodeInput(string userUri, string kmsUri, KeyPeriodSchedule schedule, long periodNumber)
    {
        ArgumentException.ThrowIfNullOrEmpty(userUri);
        ArgumentException.ThrowIfNullOrEmpty(kmsUri);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfNegative(periodNumber);

        using MemoryStream input = new(128);
        input.WriteByte(FunctionCode);
        Append(input, "MIKEY-SAKKE-UID"u8);
        Append(input, Utf8(userUri, nameof(userUri)));
        Append(input, Utf8(kmsUri, nameof(kmsUri)));
        Append(input, Integer(schedule.PeriodSeconds));
        Append(input, Integer(schedule.OffsetSeconds));
        Append(input, Integer(periodNumber));
        return input.ToArray();
    }

    /// <summary>Takes 32 octets as a UID.</summary>
    /// <exception cref="ArgumentException">The span is not 32 octets long.</exception>
    public static UserId FromOctets(ReadOnlySpan<byte> octets) =>
        octets.Length == SizeInBytes
            ? new UserId(octets.ToArray())
            : throw new ArgumentException("A UID has 32 octets (TS 33.180 F.2.1).", nameof(octets));

    /// <summary>
    /// Reads the <c>UserID</c> element: 44 characters are base64, 64 are hexadecimal digits of either case; anything else is
    /// false. (64 digits would be base64 too, of 48 octets: the length decides.)
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out UserId? userId)
    {
        userId = null;
        byte[] octets = new byte[SizeInBytes];
        bool read = text?.Length switch
        {
            HexLength => Hexadecimal.TryDecode(text, octets),
            // The last digit of 44 has two bits that nothing carries: only the one canonical spelling is taken.
            Base64Length => Convert.TryFromBase64String(text, octets, out int written) && written == SizeInBytes
                && string.Equals(Convert.ToBase64String(octets), text, StringComparison.Ordinal),
            _ => false,
        };
        if (read)
        {
            userId = new UserId(octets);
        }

        return read;
    }

    /// <summary>The UID in base64, 44 characters: the default form of the <c>UserID</c> element.</summary>
    public string ToBase64() => Convert.ToBase64String(_octets);

    /// <summary>The UID in 64 upper-case hexadecimal digits.</summary>
    public string ToHex() => Convert.ToHexString(_octets);

    /// <summary>The UID in 64 upper-case hexadecimal digits.</summary>
    public override string ToString() => ToHex();

    /// <inheritdoc/>
    public bool Equals(UserId? other) => other is not null && _octets.AsSpan().SequenceEqual(other._octets);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UserId);

    /// <inheritdoc/>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(_octets);

    private static void Append(MemoryStream input, ReadOnlySpan<byte> parameter)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)parameter.Length));
        input.Write(parameter);
        input.Write(length);
    }

    private static byte[] Utf8(string uri, string parameter)
    {
        // EncoderFallbackException is an ArgumentException: a lone surrogate has no octets to hash.
        byte[] octets = StrictUtf8.GetBytes(uri);
        return octets.Length <= ushort.MaxValue
            ? octets
            : throw new ArgumentException("A parameter of F.2.1 has at most 65,535 octets.", parameter);
    }

    /// <summary>TS 33.220 B.2.1.3: the shortest big-endian string, one zero octet for 0.</summary>
    private static byte[] Integer(long value)
    {
        byte[] octets = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(octets, value);
        int first = octets.AsSpan().IndexOfAnyExcept((byte)0);
        return first < 0 ? [0] : octets[first..];
    }
}
