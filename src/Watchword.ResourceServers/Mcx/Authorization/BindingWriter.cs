using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Mcx.Subscriptions;
using Watchword.ResourceServers.Storage;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>What a binding is written with.</summary>
/// <param name="Names">The service.</param>
/// <param name="Impu">The public user identity.</param>
/// <param name="Source">By which message.</param>
/// <param name="Lifetime">How long it stands.</param>
internal sealed record BindingTerms(McServiceNames Names, string Impu, BindingSource Source, TimeSpan Lifetime)
{
    /// <summary>The instance of the device, for a REGISTER.</summary>
    public string Instance { get; init; } = string.Empty;

    /// <summary>The entity tag that a PUBLISH is about; null for a new publication.</summary>
    public string? IfMatch { get; init; }

    /// <summary>The settings, as sent; null for none.</summary>
    public ReadOnlyMemory<byte>? Settings { get; init; }

    /// <summary>What of them is used.</summary>
    public PocSettingsEntity? Entity { get; init; }

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(BindingTerms);
}

/// <summary>
/// Binds MC service ID, MC client ID, IMPU and CSK (TS 24.379 7.3.2, 7.3.3): replay, limit, RFC 3903 and the writing in one
/// transaction. Steps 9 to 12 of docs/flows/service-authorisation.md.
/// </summary>
internal sealed class BindingWriter(McxSettings settings, KeyVault vault, TimeProvider time)
{
    /// <summary>Binds, or says why not; with a refusal nothing changes.</summary>
    /// <param name="context">In a transaction.</param>
    /// <param name="user">Who.</param>
    /// <param name="terms">With what.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<ServiceAnswer> BindAsync(DbContext context, AuthorizedUser user, BindingTerms terms, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        McServiceKind kind = terms.Names.Kind;
        if (await McxBindings.IsEndedAsync(
            context, user.Principal.Issuer, user.Principal.Subject, user.Principal.IssuedAt, ct))
        {
            return Refused(ServiceOutcome.NotAuthorized, terms);
        }

        BindingRow? standing = await McxBindings.FindAsync(context, kind, user.ServiceId, user.ClientId, now, ct);
        if (user.Csk is { } csk && !IsSameMessage(standing, terms, csk.MessageDigest.Span)
            && await context.Set<OpenedMessageRow>().AnyAsync(
                row => row.Digest == csk.MessageDigest.ToArray() && row.Service == kind, ct))
        {
            return Refused(ServiceOutcome.NotAuthorized, terms);
        }

        int others = await McxBindings.CountOthersAsync(context, kind, user.ServiceId, user.ClientId, now, ct);
        if (standing is null && others >= settings.Find(kind)!.MaxClients)
        {
            return Refused(ServiceOutcome.TooManyClients, terms);
        }

        if (terms.IfMatch is { } tag && (standing?.EntityTag != tag || standing.Impu != terms.Impu))
        {
            return Refused(ServiceOutcome.ConditionFailed, terms);
        }

        await DropOtherUsersAsync(context, user, terms, now, ct);
        BindingRow row = await WriteAsync(context, standing, user, terms, now, ct);
        return new ServiceAnswer(ServiceOutcome.Authorized)
        {
            Service = terms.Names,
            EntityTag = row.EntityTag,
            Expires = terms.Lifetime,
            HasOtherClients = others > 0,
        };
    }

    private async Task<BindingRow> WriteAsync(
        DbContext context, BindingRow? standing, AuthorizedUser user, BindingTerms terms, DateTimeOffset now,
            CancellationToken ct)
    {
        McServiceKind kind = terms.Names.Kind;
        if (standing is null)
        {
            // One that has expired and was not purged yet has the same key.
            _ = await context.Set<BindingRow>()
                .Where(old => old.Service == kind && old.ServiceId == user.ServiceId && old.ClientId == user.ClientId)
                .ExecuteDeleteAsync(ct);
        }

        BindingRow row = standing ?? new BindingRow
        {
            Service = kind,
            ServiceId = user.ServiceId,
            ClientId = user.ClientId,
            Impu = terms.Impu,
            Issuer = user.Principal.Issuer,
            Subject = user.Principal.Subject,
            Source = terms.Source,
            AuthorizedAt = now,
            ExpiresAt = now,
        };
        row.Impu = terms.Impu;
        row.Instance = terms.Instance.Length > 0 ? terms.Instance : row.Instance;
        row.Issuer = user.Principal.Issuer;
        row.Subject = user.Principal.Subject;
        row.TokenIssuedAt = user.Principal.IssuedAt;
        row.Source = terms.Source;
        row.AuthorizedAt = now;
        row.ExpiresAt = now + terms.Lifetime;
        if (terms.Source == BindingSource.Publish)
        {
            row.EntityTag = SipTokens.EntityTag();
        }

        Apply(row, terms.Settings, terms.Entity);
        if (settings.AffiliatesImplicitly)
        {
            GroupAffiliations.MarkDue(row, now);
        }

        await KeepCskAsync(context, row, user, ct);
        if (standing is null)
        {
            context.Add(row);
        }

        await SettingsSubscriptions.TouchAsync(context, kind, user.ServiceId, now, ct);
        return row;
    }

    /// <summary>Puts published settings into a binding; none leaves what is there.</summary>
    public static void Apply(BindingRow row, ReadOnlyMemory<byte>? settings, PocSettingsEntity? entity)
    {
        if (settings is { } document)
        {
            row.Settings = document.ToArray();
            row.AnswerMode = entity?.AnswerMode;
            row.ProfileIndex = entity?.SelectedUserProfileIndex;
        }
    }

    private async Task KeepCskAsync(DbContext context, BindingRow row, AuthorizedUser user, CancellationToken ct)
    {
        if (user.Csk is not { } csk)
        {
            return;
        }

        byte[] digest = csk.MessageDigest.ToArray();
        row.CskId = csk.Key.KeyId;
        row.Csk = vault.Seal(csk.Key, new KeyOwner(row.Service, row.ServiceId, row.ClientId));
        row.CskMessage = digest;
        if (!await context.Set<OpenedMessageRow>().AnyAsync(known => known.Digest == digest && known.Service == row.Service, ct))
        {
            context.Add(new OpenedMessageRow { Digest = digest, Service = row.Service, ForgetAfter = csk.ForgetAfter });
        }
    }

    /// <summary>
    /// Requests name a user by his IMPU alone: of one IMPU there is one user of a service, the one who logged in last.
    /// </summary>
    private static async Task DropOtherUsersAsync(
        DbContext context, AuthorizedUser user, BindingTerms terms, DateTimeOffset now, CancellationToken ct)
    {
        List<BindingRow> standing = await McxBindings.OfImpuAsync(context, terms.Names.Kind, terms.Impu, now, ct);
        await McxBindings.RemoveAsync(context, standing.FindAll(row => row.ServiceId != user.ServiceId), now, ct);
    }

    // A message that is sent again because its answer was lost asks for what is there already; it is no replay.
    private static bool IsSameMessage(BindingRow? standing, BindingTerms terms, ReadOnlySpan<byte> digest) =>
        standing?.CskMessage is { } held && standing.Impu == terms.Impu && digest.SequenceEqual(held);

    private static ServiceAnswer Refused(ServiceOutcome outcome, BindingTerms terms) => new(outcome) { Service = terms.Names };
}
