using Microsoft.AspNetCore.Routing.Matching;
using Watchword.Hosting;

namespace Watchword.Kms.Server.Http;

/// <summary>What opens an endpoint of <c>init</c> and <c>keyprov</c>: the same path has one for each.</summary>
internal enum Credential
{
    /// <summary>An access token.</summary>
    Token,

    /// <summary>An asserted identity.</summary>
    AssertedIdentity,
}

/// <summary>
/// Chooses between the two for each request: that of asserted identities on their listener and without any
/// <c>Authorization</c>, that of tokens otherwise. So no request gets by on an assertion where only a token counts, and beside
/// a token the header is nothing (TS 24.482 A.2.3).
/// </summary>
internal sealed class AssertedIdentitySelector : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        endpoints.Any(endpoint => CredentialOf(endpoint) == Credential.AssertedIdentity);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        Credential wanted = AssertedIdentityListener.Has(httpContext) && httpContext.Request.Headers.Authorization.Count == 0
            ? Credential.AssertedIdentity
            : Credential.Token;
        for (int i = 0; i < candidates.Count; i++)
        {
            if (CredentialOf(candidates[i].Endpoint) is { } needed && needed != wanted)
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    private static Credential? CredentialOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<CredentialMetadata>()?.Credential;
}

/// <summary>The credential that opens an endpoint, in its metadata.</summary>
internal sealed record CredentialMetadata(Credential Credential);
