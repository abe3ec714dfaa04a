using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Clients;

/// <summary>Registers clients; the admin API, initialisation and the lab all go through here. Scoped.</summary>
public sealed class ClientDirectory
{
    private const int SqliteConstraint = 19;
    private readonly IdmDbContext database;
    private readonly ClientManager manager;
    private readonly EventOutbox outbox;
    private readonly ActingAdministrator acting;
    private readonly IdmOptions options;
    private readonly ILogger<ClientDirectory> logger;

    /// <summary>Made by the container.</summary>
    public ClientDirectory(
        IdmDbContext database, IOpenIddictApplicationManager manager, EventOutbox outbox, ActingAdministrator acting,
        IOptions<IdmOptions> options, ILogger<ClientDirectory> logger)
    {
        this.database = database;
        this.manager = (ClientManager)manager;
        this.outbox = outbox;
        this.acting = acting;
        this.options = options.Value;
        this.logger = logger;
    }

    /// <summary>Registers a client; the URI of an entity is closed to accounts from then on.</summary>
    /// <exception cref="IdmFaultException">The client is refused; nothing was changed.</exception>
    public async Task<ClientView> CreateAsync(NewClient request, CancellationToken cancellation = default)
    {
        OpenIddictApplicationDescriptor descriptor = ClientRegistration.Describe(request, options);
        if (await manager.FindByClientIdAsync(request.ClientId, cancellation) is not null)
        {
            throw new IdmFaultException(IdmFault.ClientTaken);
        }

        try
        {
            await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
            if (request.EntityUri is { } uri)
            {
                if (await database.Identities.AnyAsync(identity => identity.Value == uri, cancellation))
                {
                    throw new IdmFaultException(IdmFault.IdentityTaken);
                }

                database.Identities.Add(new OwnedIdentity { Value = uri, ClientId = request.ClientId });
                await database.SaveChangesAsync(cancellation);
                await outbox.EntityReturnedAsync(request.ClientId, uri, cancellation);
            }

            OpenIddictEntityFrameworkCoreApplication created = await manager.CreateAsync(descriptor, cancellation);
            await transaction.CommitAsync(cancellation);
            outbox.Committed();
            Log.ClientMade(logger, request.ClientId, request.Kind, acting.Subject);
            return await ViewAsync(created, cancellation);
        }
        catch (DbUpdateException conflict) when (conflict.InnerException is SqliteException { SqliteErrorCode: SqliteConstraint } inner)
        {
            database.ChangeTracker.Clear();
            bool identity = inner.Message.Contains("Identities", StringComparison.Ordinal);
            throw new IdmFaultException(identity ? IdmFault.IdentityTaken : IdmFault.ClientTaken, inner: conflict);
        }
    }

    /// <summary>Every client, by identifier.</summary>
    public async Task<IReadOnlyList<ClientView>> ListAsync(CancellationToken cancellation = default)
    {
        List<ClientView> clients = [];
        await foreach (OpenIddictEntityFrameworkCoreApplication client in manager.ListAsync(cancellationToken: cancellation))
        {
            clients.Add(await ViewAsync(client, cancellation));
        }

        return [.. clients.OrderBy(client => client.ClientId, StringComparer.Ordinal)];
    }

    /// <summary>Removes a client with its grants; the URI of an entity is free again.</summary>
    /// <exception cref="IdmFaultException">There is no such client.</exception>
    public async Task DeleteAsync(string clientId, CancellationToken cancellation = default)
    {
        OpenIddictEntityFrameworkCoreApplication client = await manager.FindByClientIdAsync(clientId, cancellation)
            ?? throw new IdmFaultException(IdmFault.ClientUnknown);
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await manager.GetPropertyAsync(client, ClientManager.EntityUriProperty, cancellation) is { } uri)
        {
            await outbox.EntityRemovedAsync(clientId, uri, cancellation);
        }

        await manager.DeleteAsync(client, cancellation);
        await database.Identities.Where(identity => identity.ClientId == clientId).ExecuteDeleteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.ClientRemoved(logger, clientId, acting.Subject);
    }

    private async Task<ClientView> ViewAsync(OpenIddictEntityFrameworkCoreApplication client, CancellationToken cancellation)
    {
        ImmutableDictionary<string, JsonElement> properties = await manager.GetPropertiesAsync(client, cancellation);
        string? Property(string name) => properties.TryGetValue(name, out JsonElement value) ? value.GetString() : null;
        ImmutableHashSet<string> scopes = await manager.GetScopesAsync(client, cancellation);
        return new ClientView
        {
            ClientId = (await manager.GetClientIdAsync(client, cancellation))!,
            DisplayName = await manager.GetDisplayNameAsync(client, cancellation),
            Kind = Property(ClientManager.EntityUriProperty) is not null ? ClientKinds.Entity
                : Property(ClientManager.ResourceServerProperty) is not null ? ClientKinds.ResourceServer
                : ClientKinds.Native,
            RedirectUris = [.. await manager.GetRedirectUrisAsync(client, cancellation)],
            EntityUri = Property(ClientManager.EntityUriProperty),
            CertificateThumbprint = Property(ClientManager.ThumbprintProperty),
            Scopes = [.. scopes.Order(StringComparer.Ordinal)],
            SigningAlgorithm = Property(ClientManager.AlgorithmProperty)!,
        };
    }
}
