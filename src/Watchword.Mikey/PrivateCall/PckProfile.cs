namespace Watchword.Mikey;

/// <summary>
/// The SRTP profile of a private call (TS 33.180 E.3.2). A message that carries a policy must carry this one, because the keys are
/// derived for it; parameters that AEAD makes meaningless (authentication algorithm, tag lengths of SRTP and SRTCP), which deployed
/// peers send, are passed over, and so is what the policy leaves open.
/// </summary>
internal static class PckProfile
{
    private static readonly MikeySrtpParameter[] _fixed =
    [
        MikeySrtpParameter.EncryptionAlgorithm,
        MikeySrtpParameter.EncryptionKeyLength,
        MikeySrtpParameter.SaltLength,
        MikeySrtpParameter.PseudoRandomFunction,
        MikeySrtpParameter.KeyDerivationRate,
        MikeySrtpParameter.AeadTagLength,
    ];

    public static bool Accepts(MikeyMessage message) => message.Payloads.OfType<MikeySecurityPolicy>().All(Accepts);

    private static bool Accepts(MikeySecurityPolicy policy) => Array.TrueForAll(
        _fixed,
        parameter => policy.Find(parameter) is not { } value
            || value.Span.SequenceEqual(MikeySecurityPolicy.PrivateCallDefault.Find(parameter)!.Value.Span));
}
