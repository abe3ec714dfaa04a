using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Whether a KMS redirect response is to be believed, and if not, why. The numbers are stable.</summary>
public enum RedirectStanding
{
    /// <summary>Signed by whom the options trust, and about the message that was sent: the client may do as it says.</summary>
    Trusted = 0,

    /// <summary>It is no KMS redirect response.</summary>
    Malformed = 1,

    /// <summary>It has no signature (TS 33.180 D.4.2 says that it should).</summary>
    NotSigned = 2,

    /// <summary>The signature does not hold: it was altered, or is of another form.</summary>
    SignatureInvalid = 3,

    /// <summary>Signed by somebody whom none of the options' certificates vouches for.</summary>
    SignerUntrusted = 4,

    /// <summary>Signed with a certificate that is not valid now, or whose issuer's is not.</summary>
    SignerExpired = 5,

    /// <summary>It is about another pair of KMSs than that of the message that was sent.</summary>
    OtherMessage = 6,

    /// <summary>It proposes more than one that it embeds, which no intermediate may (TS 33.180 5.2.8).</summary>
    Widened = 7,
}

/// <summary>A KMS redirect response that came with 488, judged (TS 33.180 5.2.8, D.4).</summary>
/// <param name="Standing">Whether it is to be believed.</param>
/// <param name="Response">What it says; null if it cannot be read. With any other standing than trusted it proves nothing.</param>
public sealed record ServiceRedirect(RedirectStanding Standing, KmsRedirectResponse? Response)
{
    /// <summary>The standing.</summary>
    public override string ToString() => $"{nameof(ServiceRedirect)} {Standing}";
}
