using System.Collections.ObjectModel;

namespace Watchword.Mikey;

/// <summary>The SRTP parameters of a policy (RFC 3830 §6.10.1, RFC 4771, RFC 8269) that TS 33.180 Annex E names.</summary>
public enum MikeySrtpParameter
{
    /// <summary>Encryption algorithm: 6 is AES-GCM.</summary>
    EncryptionAlgorithm = 0,

    /// <summary>Session encryption key length in octets.</summary>
    EncryptionKeyLength = 1,

    /// <summary>Authentication algorithm: 4 is RCCm3, the unauthenticated transport of the roll-over counter.</summary>
    AuthenticationAlgorithm = 2,

    /// <summary>Session salt length in octets.</summary>
    SaltLength = 4,

    /// <summary>SRTP pseudo-random function: 0 is AES-CM.</summary>
    PseudoRandomFunction = 5,

    /// <summary>Key derivation rate.</summary>
    KeyDerivationRate = 6,

    /// <summary>ROC transmission rate.</summary>
    RocTransmissionRate = 13,

    /// <summary>SRTP authentication tag length in octets.</summary>
    SrtpTagLength = 18,

    /// <summary>SRTCP authentication tag length in octets.</summary>
    SrtcpTagLength = 19,

    /// <summary>AEAD authentication tag length in octets.</summary>
    AeadTagLength = 20,
}

/// <summary>One parameter of a policy: type (1), length (1), value.</summary>
/// <param name="ParameterType">The type, see <see cref="MikeySrtpParameter"/>; other types are kept as they are.</param>
/// <param name="Value">1 to 255 octets.</param>
public sealed record MikeyPolicyParameter(int ParameterType, ReadOnlyMemory<byte> Value);

/// <summary>SP: next payload (1), policy number (1), protocol 0 = SRTP (1), length (2), parameters. RFC 3830 §6.10.</summary>
public sealed class MikeySecurityPolicy : MikeyPayload
{
    private const byte Srtp = 0;

    /// <summary>Makes an SP payload for SRTP.</summary>
    /// <param name="policyNumber">0 to 255, by which crypto sessions refer to it.</param>
    /// <param name="parameters">Parameters of different types.</param>
    /// <exception cref="ArgumentException">A type twice, or a value that does not fit.</exception>
    public MikeySecurityPolicy(int policyNumber, IEnumerable<MikeyPolicyParameter> parameters)
        : this(parameters.ToArray(), policyNumber)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)policyNumber, byte.MaxValue, nameof(policyNumber));
        HashSet<int> types = [];
        if (Parameters.Any(p => p.Value.Length is < 1 or > 255 || p.ParameterType is < 0 or > 255 || !types.Add(p.ParameterType))
            || ParametersSize > ushort.MaxValue)
        {
            throw new ArgumentException("Parameters have different types and values of 1 to 255 octets.", nameof(parameters));
        }
    }

    private MikeySecurityPolicy(MikeyPolicyParameter[] parameters, int policyNumber)
    {
        PolicyNumber = policyNumber;
        Parameters = new ReadOnlyCollection<MikeyPolicyParameter>(parameters);
    }

    /// <summary>
    /// The default profile of a private call (TS 33.180 E.3.2): AES-GCM with a key of 16, a salt of 12 and a tag of 16 octets,
    /// AES-CM as SRTP PRF, key derivation rate 0.
    /// </summary>
    public static MikeySecurityPolicy PrivateCallDefault { get; } = new(0,
    [
        Octet(MikeySrtpParameter.EncryptionAlgorithm, 6),
        Octet(MikeySrtpParameter.EncryptionKeyLength, 16),
        Octet(MikeySrtpParameter.SaltLength, 12),
        Octet(MikeySrtpParameter.PseudoRandomFunction, 0),
        Octet(MikeySrtpParameter.KeyDerivationRate, 0),
        Octet(MikeySrtpParameter.AeadTagLength, 16),
    ]);

    /// <summary>
    /// The default profile of a group (TS 33.180 E.2.2): that of a private call, and the roll-over counter in every packet in an
    /// unauthenticated trailer of 4 octets (RCCm3, RFC 4771), because members join late.
    /// </summary>
    public static MikeySecurityPolicy GroupDefault { get; } = new(0,
    [
        Octet(MikeySrtpParameter.EncryptionAlgorithm, 6),
        Octet(MikeySrtpParameter.EncryptionKeyLength, 16),
        Octet(MikeySrtpParameter.AuthenticationAlgorithm, 4),
        Octet(MikeySrtpParameter.SaltLength, 12),
        Octet(MikeySrtpParameter.PseudoRandomFunction, 0),
        Octet(MikeySrtpParameter.KeyDerivationRate, 0),
        Octet(MikeySrtpParameter.RocTransmissionRate, 1),
        Octet(MikeySrtpParameter.SrtpTagLength, 4),
        Octet(MikeySrtpParameter.SrtcpTagLength, 0),
        Octet(MikeySrtpParameter.AeadTagLength, 16),
    ]);

    /// <summary>The number by which crypto sessions refer to this policy.</summary>
    public int PolicyNumber { get; }

    /// <summary>The parameters in the order of the wire.</summary>
    public IReadOnlyList<MikeyPolicyParameter> Parameters { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.SecurityPolicy;

    /// <inheritdoc/>
    public override int SizeInBytes => 5 + ParametersSize;

    private int ParametersSize => Parameters.Sum(p => 2 + p.Value.Length);

    /// <summary>The value of a parameter, or null if the policy leaves it to the profile.</summary>
    /// <param name="parameter">The parameter.</param>
    public ReadOnlyMemory<byte>? Find(MikeySrtpParameter parameter) =>
        Parameters.FirstOrDefault(p => p.ParameterType == (int)parameter)?.Value;

    /// <summary>A policy over parameters that have been checked, which it keeps.</summary>
    internal static MikeySecurityPolicy Wrap(int policyNumber, MikeyPolicyParameter[] parameters) =>
        new(parameters, policyNumber);

    internal static MikeySecurityPolicy? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        byte policyNumber = reader.Octet();
        int protocolOffset = reader.Offset;
        reader.Require(reader.Octet() == Srtp, MikeyFormatReason.UndefinedValue, protocolOffset);
        int lengthOffset = reader.Offset;
        ushort length = reader.UInt16();
        reader.Require(length <= reader.Remaining, MikeyFormatReason.Truncated, lengthOffset);
        int end = reader.Offset + length;
        MikeyPolicyParameter[] parameters = new MikeyPolicyParameter[Count(reader, end)];
        OctetSet seen = default;
        for (int i = 0; i < parameters.Length && !reader.Failed; i++)
        {
            parameters[i] = ReadParameter(ref reader, end);
            reader.Require(seen.Add((byte)parameters[i].ParameterType), MikeyFormatReason.Duplicate, lengthOffset);
        }

        return reader.Failed ? null : Wrap(policyNumber, parameters);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet((byte)PolicyNumber);
        writer.Octet(Srtp);
        writer.UInt16(ParametersSize);
        foreach (MikeyPolicyParameter parameter in Parameters)
        {
            writer.Octet((byte)parameter.ParameterType);
            writer.Octet((byte)parameter.Value.Length);
            writer.Octets(parameter.Value.Span);
        }
    }

    /// <summary>
    /// How many parameters there are, so that their array has that size; up to one more than there are types, where the last is the
    /// fault.
    /// </summary>
    private static int Count(OctetReader reader, int end)
    {
        int count = 0;
        while (!reader.Failed && reader.Offset < end && count <= byte.MaxValue + 1)
        {
            count++;
            _ = reader.Octet();
            reader.Take(reader.Octet());
        }

        return count;
    }

    private static MikeyPolicyParameter ReadParameter(ref OctetReader reader, int end)
    {
        byte type = reader.Octet();
        int lengthOffset = reader.Offset;
        byte length = reader.Octet();
        // A parameter ends inside the length that the payload declares, and it has a value.
        reader.Require(length != 0 && reader.Offset + length <= end, MikeyFormatReason.WrongLength, lengthOffset);
        return new MikeyPolicyParameter(type, reader.Take(length));
    }

    private static MikeyPolicyParameter Octet(MikeySrtpParameter parameter, byte value) => new((int)parameter, new[] { value });
}
