using Watchword.Sip;

namespace Watchword.Client;

/// <content>488 with KMS redirect responses (TS 33.180 5.4, 5.2.8).</content>
public sealed partial class ServiceAuthorizationClient
{
    // What a trusted redirect response said; null as long as the client goes by what it knows of the MDSI.
    private string? _serverKms;

    /// <summary>
    /// The KMS that the server is keyed by, as a trusted KMS redirect response said; null where none did.
    /// </summary>
    public string? ServerKmsUri => _serverKms;

    /// <summary>
    /// Turns to the KMS that a trusted redirect response proposes, where the key store has its certificate.
    /// </summary>
    /// <returns>Whether it is worth to ask again.</returns>
    private bool Follow(ServiceAuthorizationResult result)
    {
        string? current = ReceiverKms();
        string? chosen = result.Redirects.Where(redirect => redirect.Standing == RedirectStanding.Trusted)
            .SelectMany(redirect => redirect.Response!.ProposedKmsUris)
            .FirstOrDefault(kms => kms != current && keys.CanEncryptFor(kms));
        _serverKms = chosen ?? _serverKms;
        return chosen is not null;
    }

    private IReadOnlyList<ServiceRedirect> JudgeRedirects(IReadOnlyList<SipBodyPart> parts)
    {
        SipBodyPart[] redirects = [.. parts.Where(part => part.ContentType.Is(RedirectMediaType))];
        return redirects.Length == 0 || keys.HomeKmsUri is not { } home || ReceiverKms() is not { } receiver
            ? []
            : [.. redirects.Select(part => RedirectJudge.Judge(
                part.Content, options.RedirectSigners, home, receiver, keys.Now))];
    }

    private string? ReceiverKms() => keys.FindReceiverKms(options.McxDomainUri, _serverKms);
}
