using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Which client is enrolled.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="UserUri">The identity, octet by octet: an MC service ID, or the URI of a network entity. Every token of the
/// user that
/// is to be protected must assert it.</param>
/// <param name="ClientId">Which client of that identity, as its requests will say.</param>
public sealed record TransportKeyEnrolment(string KmsUri, string UserUri, string ClientId)
{
    /// <summary>How keys are wrapped for it; null for the way of the domain.</summary>
    public KeyWrapProfile? WrapProfile { get; init; }

    /// <summary>True to give new keys to a client that has some, which are void from then on.</summary>
    public bool Replace { get; init; }

    /// <summary>The type name: identities stay out of logs.</summary>
    public override string ToString() => nameof(TransportKeyEnrolment);

    /// <exception cref="KmsException"><see cref="KmsError.EnrolmentMalformed"/>.</exception>
    internal void Validate()
    {
        if (!IsField(UserUri) || !UserUri.Contains(':', StringComparison.Ordinal))
        {
            throw new KmsException(KmsError.EnrolmentMalformed, "the identity is no URI of 1 to 256 octets");
        }

        if (!IsField(ClientId))
        {
            throw new KmsException(
                KmsError.EnrolmentMalformed, "the client id has not 1 to 256 octets without control characters");
        }

        if (WrapProfile is { } profile && !Enum.IsDefined(profile))
        {
            throw new KmsException(KmsError.EnrolmentMalformed, "there is no such wrap profile");
        }
    }

    // What a transport key file can hold.
    private static bool IsField(string text) => text.Length > 0
        && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE')
        && Encoding.UTF8.GetByteCount(text) <= TransportKeyFile.MaxFieldOctets;
}
