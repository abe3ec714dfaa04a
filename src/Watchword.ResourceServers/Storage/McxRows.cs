using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;

namespace Watchword.ResourceServers.Storage;

/// <summary>By which message a client was authorised.</summary>
internal enum BindingSource
{
    /// <summary>A third-party REGISTER (TS 24.379 7.3.2).</summary>
    Register = 0,

    /// <summary>A PUBLISH (TS 24.379 7.3.3).</summary>
    Publish = 1,
}

/// <summary>How far a key download has come.</summary>
internal enum KeyDownloadState
{
    /// <summary>It is to be sent, or sent again.</summary>
    Waiting = 0,

    /// <summary>The client took it.</summary>
    Delivered = 1,

    /// <summary>It was given up.</summary>
    Failed = 2,
}

/// <summary>
/// An authorised client: MC service ID, MC client ID, IMPU and CSK belong together (TS 24.379 7.3.2, 7.3.3; TS 33.180 5.4).
/// </summary>
internal sealed class BindingRow
{
    public required McServiceKind Service { get; init; }

    /// <summary>The MC service ID of the token.</summary>
    public required string ServiceId { get; init; }

    /// <summary>The MC client ID.</summary>
    public required string ClientId { get; init; }

    /// <summary>The public user identity that the SIP core asserted.</summary>
    public required string Impu { get; set; }

    /// <summary>The instance of the device in its Contact; empty where nothing said so.</summary>
    public string Instance { get; set; } = string.Empty;

    /// <summary>Whose token it was.</summary>
    public required string Issuer { get; set; }

    public required string Subject { get; set; }

    /// <summary>When the token was issued; null if it did not say.</summary>
    public DateTimeOffset? TokenIssuedAt { get; set; }

    public required BindingSource Source { get; set; }

    public required DateTimeOffset AuthorizedAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The entity tag of the publication (RFC 3903 §4.1); null where none stands.</summary>
    public string? EntityTag { get; set; }

    /// <summary>The settings published last, as sent.</summary>
    public byte[]? Settings { get; set; }

    public AnswerMode? AnswerMode { get; set; }

    public int? ProfileIndex { get; set; }

    /// <summary>CSK-ID; null where the client uploaded none.</summary>
    public long? CskId { get; set; }

    /// <summary>The CSK with RAND, sealed.</summary>
    public byte[]? Csk { get; set; }

    /// <summary>Digest of the message that brought the CSK: the same message again changes nothing.</summary>
    public byte[]? CskMessage { get; set; }

    /// <summary>When the groups of implicit affiliation are to be looked up; null if that is done.</summary>
    public DateTimeOffset? AffiliationDueAt { get; set; }

    /// <summary>How often that failed since the client was authorised.</summary>
    public int AffiliationAttempts { get; set; }
}

/// <summary>
/// A group that a client is affiliated to (TS 24.379 9). It is of a binding and goes with it, whatever ends that: the database
/// deletes it.
/// </summary>
internal sealed class AffiliationRow
{
    public required McServiceKind Service { get; init; }

    public required string ServiceId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>The MC service group ID.</summary>
    public required string GroupId { get; init; }

    public required DateTimeOffset AffiliatedAt { get; init; }
}

/// <summary>A registration that the SIP core told of (TS 33.180 5.1.1, step B-2).</summary>
internal sealed class RegistrationRow
{
    public required string Impu { get; init; }

    /// <summary>The instance of the device in its Contact; empty where nothing said so.</summary>
    public required string Instance { get; init; }

    /// <summary>The services whose feature tags it has, a bit each by number.</summary>
    public required int Services { get; set; }

    /// <summary>Of the newest REGISTER: one that was overtaken changes nothing (RFC 3261 §10.3).</summary>
    public required string CallId { get; set; }

    public required long Sequence { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>A MIKEY message that was opened, until it is too old to be taken.</summary>
internal sealed class OpenedMessageRow
{
    public required byte[] Digest { get; init; }

    /// <summary>The service that it was opened for: one CSK may serve a user whose MC service IDs are the same.</summary>
    public required McServiceKind Service { get; init; }

    public required DateTimeOffset ForgetAfter { get; init; }
}

/// <summary>
/// Until when tokens of a subject bind nothing: what a security event said, kept where the transaction that binds reads it. So a
/// binding cannot slip in behind the event, on this node or another.
/// </summary>
internal sealed class EndedTokensRow
{
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required DateTimeOffset EndedAt { get; set; }
}

/// <summary>A key on its way to a client (TS 33.180 5.8).</summary>
internal sealed class KeyDownloadRow
{
    public required Guid Id { get; init; }

    public required McServiceKind Service { get; init; }

    public required string ServiceId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>K-ID, with the tag of CSK or MuSiK.</summary>
    public required long KeyId { get; init; }

    /// <summary>The key with RAND, sealed; null once it is delivered or given up.</summary>
    public byte[]? Key { get; set; }

    /// <summary>Of a MuSiK, its groups, one on each line.</summary>
    public string Groups { get; init; } = string.Empty;

    public KeyDownloadState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>The final response to the last attempt; null if none came.</summary>
    public int? LastStatus { get; set; }

    public required DateTimeOffset MadeAt { get; init; }

    public required DateTimeOffset DueAt { get; set; }
}

/// <summary>A subscription to the settings of a user (TS 24.379 7.3.6).</summary>
internal sealed class SettingsSubscriptionRow
{
    /// <summary>The own tag of the dialog.</summary>
    public required string LocalTag { get; init; }

    public required McServiceKind Service { get; init; }

    public required string ServiceId { get; init; }

    /// <summary>The dialog with the subscriber, as JSON.</summary>
    public required string Dialog { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When a NOTIFY is due; null if the subscriber has been told everything.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Counts what the subscriber is to be told, so that what happens while a NOTIFY is on its way is not
    /// lost.</summary>
    public int Version { get; set; }
}

/// <summary>Tables of the MCX server.</summary>
internal sealed class McxConfiguration
    : IEntityTypeConfiguration<BindingRow>, IEntityTypeConfiguration<RegistrationRow>, IEntityTypeConfiguration<OpenedMessageRow>,
        IEntityTypeConfiguration<KeyDownloadRow>, IEntityTypeConfiguration<SettingsSubscriptionRow>,
        IEntityTypeConfiguration<EndedTokensRow>, IEntityTypeConfiguration<AffiliationRow>
{
    private const int UriLength = 1024;
    private const int SubjectLength = 2048;
    private const int ClientIdLength = 256;
    private const int TagLength = 64;
    private const int InstanceLength = 256;
    private const int CallIdLength = 256;
    private const int SealedKeyLength = 512;
    private const int SettingsLength = 64 * 1024;
    private const int GroupsLength = 16 * 1024;
    private const int DigestLength = 32;
    private const int DialogLength = 32 * 1024;

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<BindingRow> builder)
    {
        _ = builder.ToTable("mcx_bindings");
        _ = builder.HasKey(row => new { row.Service, row.ServiceId, row.ClientId });
        _ = builder.Property(row => row.ServiceId).HasMaxLength(UriLength);
        _ = builder.Property(row => row.ClientId).HasMaxLength(ClientIdLength);
        _ = builder.Property(row => row.Impu).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Instance).HasMaxLength(InstanceLength);
        _ = builder.Property(row => row.Issuer).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Subject).HasMaxLength(SubjectLength);
        _ = builder.Property(row => row.EntityTag).HasMaxLength(TagLength);
        _ = builder.Property(row => row.Settings).HasMaxLength(SettingsLength);
        _ = builder.Property(row => row.Csk).HasMaxLength(SealedKeyLength);
        _ = builder.Property(row => row.CskMessage).HasMaxLength(DigestLength);
        _ = builder.Property(row => row.TokenIssuedAt).HasConversion(StoredTime.Converter);
        _ = builder.Property(row => row.AuthorizedAt).HasConversion(StoredTime.Converter);
        _ = builder.Property(row => row.ExpiresAt).HasConversion(StoredTime.Converter);
        _ = builder.Property(row => row.AffiliationDueAt).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => new { row.Service, row.Impu });
        _ = builder.HasIndex(row => row.AffiliationDueAt);
        _ = builder.HasIndex(row => new { row.Issuer, row.Subject });
        _ = builder.HasIndex(row => row.ExpiresAt);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<AffiliationRow> builder)
    {
        _ = builder.ToTable("mcx_affiliations");
        _ = builder.HasKey(row => new { row.Service, row.ServiceId, row.ClientId, row.GroupId });
        _ = builder.Property(row => row.ServiceId).HasMaxLength(UriLength);
        _ = builder.Property(row => row.ClientId).HasMaxLength(ClientIdLength);
        _ = builder.Property(row => row.GroupId).HasMaxLength(UriLength);
        _ = builder.Property(row => row.AffiliatedAt).HasConversion(StoredTime.Converter);
        _ = builder.HasOne<BindingRow>().WithMany()
            .HasForeignKey(row => new { row.Service, row.ServiceId, row.ClientId }).OnDelete(DeleteBehavior.Cascade);
        _ = builder.HasIndex(row => new { row.Service, row.GroupId });
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<RegistrationRow> builder)
    {
        _ = builder.ToTable("mcx_registrations");
        _ = builder.HasKey(row => new { row.Impu, row.Instance });
        _ = builder.Property(row => row.Impu).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Instance).HasMaxLength(InstanceLength);
        _ = builder.Property(row => row.CallId).HasMaxLength(CallIdLength);
        _ = builder.Property(row => row.ExpiresAt).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => row.ExpiresAt);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<OpenedMessageRow> builder)
    {
        _ = builder.ToTable("mcx_opened_messages");
        _ = builder.HasKey(row => new { row.Digest, row.Service });
        _ = builder.Property(row => row.Digest).HasMaxLength(DigestLength);
        _ = builder.Property(row => row.ForgetAfter).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => row.ForgetAfter);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<EndedTokensRow> builder)
    {
        _ = builder.ToTable("mcx_ended_tokens");
        _ = builder.HasKey(row => new { row.Issuer, row.Subject });
        _ = builder.Property(row => row.Issuer).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Subject).HasMaxLength(SubjectLength);
        _ = builder.Property(row => row.EndedAt).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => row.EndedAt);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<SettingsSubscriptionRow> builder)
    {
        _ = builder.ToTable("mcx_settings_subscriptions");
        _ = builder.HasKey(row => row.LocalTag);
        _ = builder.Property(row => row.LocalTag).HasMaxLength(TagLength);
        _ = builder.Property(row => row.ServiceId).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Dialog).HasMaxLength(DialogLength);
        _ = builder.Property(row => row.ExpiresAt).HasConversion(StoredTime.Converter);
        _ = builder.Property(row => row.DueAt).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => new { row.Service, row.ServiceId });
        _ = builder.HasIndex(row => row.DueAt);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<KeyDownloadRow> builder)
    {
        _ = builder.ToTable("mcx_key_downloads");
        _ = builder.HasKey(row => row.Id);
        _ = builder.Property(row => row.Id).ValueGeneratedNever();
        _ = builder.Property(row => row.ServiceId).HasMaxLength(UriLength);
        _ = builder.Property(row => row.ClientId).HasMaxLength(ClientIdLength);
        _ = builder.Property(row => row.Key).HasMaxLength(SealedKeyLength);
        _ = builder.Property(row => row.Groups).HasMaxLength(GroupsLength);
        _ = builder.Property(row => row.MadeAt).HasConversion(StoredTime.Converter);
        _ = builder.Property(row => row.DueAt).HasConversion(StoredTime.Converter);
        _ = builder.HasIndex(row => new { row.State, row.DueAt });
        _ = builder.HasIndex(row => new { row.Service, row.ServiceId, row.ClientId });
    }
}
