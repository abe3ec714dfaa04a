namespace Watchword.Mikey;

/// <summary>
/// The SRTP profiles of MC services (TS 33.180 E.2.2, E.3.2, E.4.2): all are AES-GCM with the same sizes, because the keys are
/// derived for that. A policy in a message must agree; parameters of the transport that AEAD makes meaningless for the keys
/// (authentication algorithm, tag lengths of SRTP and SRTCP, ROC transmission), which deployed peers send, are passed over, and
/// so is what the policy leaves open.
/// </summary>
internal static class SrtpProfile
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

    /// <summary>Whether every policy is the profile, and every policy that a GENERIC-ID map names is there.</summary>
    public static bool Accepts(MikeyMessage message)
    {
        foreach (MikeyPayload payload in message.Payloads)
        {
            if (payload is MikeySecurityPolicy policy && !IsProfile(policy))
            {
                return false;
            }
        }

        return message.Header.Map is not MikeyGenericIdMap map
            || map.Sessions.All(session => session.Policies.ToArray().All(number => message.FindPolicy(number) is not null));
    }

    private static bool IsProfile(MikeySecurityPolicy policy) => Array.TrueForAll(
        _fixed,
        parameter => policy.Find(parameter) is not { } value
            || value.Span.SequenceEqual(MikeySecurityPolicy.PrivateCallDefault.Find(parameter)!.Value.Span));
}
