using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What a client asks a KMS for (TS 33.180 D.2).</summary>
/// <param name="Target">The request.</param>
/// <param name="UserUri">The identity that speaks; one with transport keys speaks as the identity that they were made
/// for.</param>
/// <param name="Token">Which access token goes with it.</param>
/// <param name="Attempts">How often it is sent at most.</param>
internal sealed record KmsQuestion(AnnexDTarget Target, string UserUri, AccessTokenTarget Token, int Attempts)
{
    /// <summary>Redirect responses to hand on (D.2.8).</summary>
    public IReadOnlyList<KmsRedirectResponse> RedirectResponses { get; init; } = [];
}
