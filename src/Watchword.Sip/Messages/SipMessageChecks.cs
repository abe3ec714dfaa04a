namespace Watchword.Sip;

/// <summary>What must hold between the fields of a message whose fields are each right.</summary>
internal static class SipMessageChecks
{
    public static bool Hold(SipMessage message, out SipFormatFault fault)
    {
        fault = SipFormatFault.None;
        SipHeaders headers = message.Headers;
        if (message is SipRequest request && !string.Equals(headers.CSeq!.Value.Method, request.Method, StringComparison.Ordinal))
        {
            // RFC 3261 §8.1.1.5.
            fault = SipFormatFault.Method;
        }
        else if (headers.GetAll(SipHeaderNames.Contact).Skip(1).Any() && headers.GetAll(SipHeaderNames.Contact).Contains("*"))
        {
            // RFC 3261 §10.2.2: the asterisk stands alone.
            fault = SipFormatFault.HeaderValue;
        }
        else if (!AreIdentities(headers.AssertedIdentity) || !AreIdentities(headers.PreferredIdentity))
        {
            fault = SipFormatFault.HeaderValue;
        }

        return fault == SipFormatFault.None;
    }

    /// <summary>RFC 3325 §9.1: one sip, sips or tel URI, or one of the former and one tel URI.</summary>
    private static bool AreIdentities(IReadOnlyList<SipAddress> identities) =>
        identities.Count <= 2 && identities.All(i => i.Uri.IsSip || i.Uri.IsTel)
        && (identities.Count < 2 || identities[0].Uri.IsTel != identities[1].Uri.IsTel);
}
