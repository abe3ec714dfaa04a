using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>Signs with the generation that is active now, by the algorithm of the client.</summary>
internal sealed class SignWithActiveKey(SigningKeyRing ring, IOpenIddictApplicationManager clients)
    : IOpenIddictServerHandler<GenerateTokenContext>
{
    private readonly ClientManager clients = (ClientManager)clients;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseScopedHandler<SignWithActiveKey>()
            .SetOrder(OpenIddictServerHandlers.Protection.AttachSecurityCredentials.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        SigningKeyGeneration active = ring.Active;
        bool forOthers = context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken;
        string? algorithm = null;
        if (forOthers && context.ClientId is { Length: > 0 } clientId
            && await clients.FindByClientIdAsync(clientId, context.CancellationToken) is OpenIddictEntityFrameworkCoreApplication client)
        {
            algorithm = await clients.GetPropertyAsync(client, ClientManager.AlgorithmProperty, context.CancellationToken);
        }

        context.SigningCredentials = active.For(algorithm ?? SecurityAlgorithms.EcdsaSha256);
        context.EncryptionCredentials = forOthers ? null : active.Encryption;
    }
}

/// <summary>Writes the issuer as it was configured.</summary>
internal sealed class WriteIssuer(IdmIssuer issuer) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseSingletonHandler<WriteIssuer>()
            .SetOrder(OpenIddictServerHandlers.Protection.AttachTokenMetadata.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SecurityTokenDescriptor.Issuer = issuer.Value;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Takes the keys that check our own tokens from the ring, so that a roll-over needs no restart.</summary>
internal sealed class ValidateWithRing(SigningKeyRing ring) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .UseSingletonHandler<ValidateWithRing>()
            .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!EntityAssertions.IsClientAssertion(context))
        {
            context.TokenValidationParameters.IssuerSigningKeys = ring.VerificationKeys;
            context.TokenValidationParameters.TokenDecryptionKeys = ring.DecryptionKeys;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Publishes every generation of the ring: retired, active and next.</summary>
internal sealed class PublishRing(SigningKeyRing ring) : IOpenIddictServerHandler<HandleJsonWebKeySetRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<HandleJsonWebKeySetRequestContext>()
            .UseSingletonHandler<PublishRing>()
            .SetOrder(OpenIddictServerHandlers.Discovery.AttachSigningKeys.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(HandleJsonWebKeySetRequestContext context)
    {
        context.Keys.Clear();
        context.Keys.AddRange(ring.Published.SelectMany(generation => generation.PublicKeys));
        return ValueTask.CompletedTask;
    }
}
