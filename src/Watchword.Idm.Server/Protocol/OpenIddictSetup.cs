using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using Watchword.Identity;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>OpenIddict, profiled to Annex B of TS 33.180.</summary>
internal static class OpenIddictSetup
{
    public const string RevocationPath = "/connect/revoke";
    public const string IntrospectionPath = "/connect/introspect";

    public static void Add(IServiceCollection services)
    {
        services.AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore().UseDbContext<IdmDbContext>();
                core.ReplaceApplicationManager<OpenIddictEntityFrameworkCoreApplication, ClientManager>();
                core.ReplaceTokenManager<OpenIddictEntityFrameworkCoreToken, TokenFamilies>();
            })
            .AddServer(Configure);
        services.AddOptions<OpenIddictServerOptions>().Configure<IOptions<IdmOptions>, IdmIssuer, SigningKeyRing>(Complete);
        services.AddScoped<TokenEndpoint>();
        services.AddScoped<InterDomainEndpoint>();
        services.AddSingleton<GrantRules>();
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server
            .SetAuthorizationEndpointUris(AuthorizationEndpoint.Path, AuthorizationEndpoint.LogInPath)
            .SetTokenEndpointUris(TokenEndpoint.Path)
            .SetRevocationEndpointUris(RevocationPath)
            .SetIntrospectionEndpointUris(IntrospectionPath)
            .AllowAuthorizationCodeFlow()
            .AllowRefreshTokenFlow()
            .AllowClientCredentialsFlow()
            .AllowTokenExchangeFlow()
            .AllowCustomFlow(InterDomainNames.SecurityTokenGrant)
            .RequireProofKeyForCodeExchange()
            .EnableSelfSignedTlsClientAuthentication()
            .DisableAccessTokenEncryption()
            .UseReferenceRefreshTokens()
            .SetRefreshTokenReuseLeeway(null)
            // What is requested beyond what is granted is left out of the grant, not refused: GrantRules.
            .DisableScopeValidation()
            .IgnoreScopePermissions()
            // Which resource a security token may be made for says the configuration of partners: TokenExchange.
            .DisableResourceValidation()
            .IgnoreResourcePermissions()
            .RegisterScopes([.. GrantRules.Supported])
            .RegisterClaims(
                Claims.Subject, McClaims.McpttId, McClaims.McVideoId, McClaims.McDataId,
                Claims.AuthenticationContextReference, Claims.AuthenticationTime, Claims.AuthenticationMethodReference);
        server.UseAspNetCore()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough();
        AddHandlers(server);
    }

    private static void AddHandlers(OpenIddictServerBuilder server)
    {
        server.RemoveEventHandler(OpenIddictServerHandlers.ValidateClientCertificate.Descriptor);
        server.AddEventHandler(MatchClientCertificate.Descriptor);
        server.AddEventHandler(RefuseClientSecrets.Descriptor);
        server.AddEventHandler(EntityAssertions.Descriptor);
        server.AddEventHandler(RefuseReplayedAssertions.Descriptor);
        server.AddEventHandler(NormalizeAssertionErrors.Descriptor);
        server.AddEventHandler(RequireProfileParameters.Descriptor);
        server.AddEventHandler(RefuseWiderScope.Descriptor);
        server.AddEventHandler(ReadTokenExchange.Descriptor);
        server.AddEventHandler(NormalizeExchangeErrors.Descriptor);
        server.AddEventHandler(RedirectErrors.Descriptor);
        server.AddEventHandler(LeaveOutErrorPages<OpenIddictServerEvents.ApplyTokenResponseContext>.Descriptor);
        server.AddEventHandler(LeaveOutErrorPages<OpenIddictServerEvents.ApplyRevocationResponseContext>.Descriptor);
        server.AddEventHandler(LeaveOutErrorPages<OpenIddictServerEvents.ApplyIntrospectionResponseContext>.Descriptor);
        server.AddEventHandler(RefuseEndedTokens.Descriptor);
        server.AddEventHandler(ShowErrorPage.Descriptor);
        server.AddEventHandler(AttachIssuer.Descriptor);
        server.AddEventHandler(DescribeProfile.Descriptor);
        server.AddEventHandler(RedeemOnce.Descriptor);
        server.AddEventHandler(IssueRefreshTokens.Descriptor);
        server.AddEventHandler(NarrowAccessToken.Descriptor);
        server.AddEventHandler(ReportGrantedScope.Descriptor);
        server.AddEventHandler(SignWithActiveKey.Descriptor);
        server.AddEventHandler(WriteIssuer.Descriptor);
        server.AddEventHandler(ValidateWithRing.Descriptor);
        server.AddEventHandler(PublishRing.Descriptor);
    }

    private static void Complete(OpenIddictServerOptions server, IOptions<IdmOptions> options, IdmIssuer issuer, SigningKeyRing ring)
    {
        server.Issuer = issuer.Uri;
        server.AccessTokenLifetime = options.Value.AccessTokenLifetime;
        server.IdentityTokenLifetime = options.Value.AccessTokenLifetime;
        server.AuthorizationCodeLifetime = options.Value.AuthorizationCodeLifetime;
        server.RefreshTokenLifetime = options.Value.RefreshTokenLifetime;
        // Shows which algorithms there are; what is used is taken from the ring for every token.
        server.SigningCredentials.Add(ring.Active.Es256);
        server.SigningCredentials.Add(ring.Active.Rs256);
        server.EncryptionCredentials.Add(ring.Active.Encryption);
        server.SubjectTokenTypes.IntersectWith([TokenTypeIdentifiers.AccessToken]);
        server.ResponseModes.IntersectWith([ResponseModes.Query]);
        server.CodeChallengeMethods.IntersectWith([CodeChallengeMethods.Sha256]);
        server.ClientAuthenticationMethods.IntersectWith(
            [ClientAuthenticationMethods.PrivateKeyJwt, ClientAuthenticationMethods.SelfSignedTlsClientAuth, ClientAuthenticationMethods.None]);
        server.ClientAuthenticationMethods.Add(ClientAuthenticationMethods.None);
    }
}
