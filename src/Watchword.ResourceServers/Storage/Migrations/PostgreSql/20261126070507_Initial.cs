using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Watchword.ResourceServers.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "group_key_revocations",
                columns: table => new
                {
                    GroupUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    KeyId = table.Column<long>(type: "bigint", nullable: false),
                    MemberUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Message = table.Column<byte[]>(type: "bytea", maxLength: 65536, nullable: false),
                    MadeAt = table.Column<long>(type: "bigint", nullable: false),
                    DeliveredAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_key_revocations", x => new { x.GroupUri, x.MemberUri, x.KeyId });
                });

            migrationBuilder.CreateTable(
                name: "group_keys",
                columns: table => new
                {
                    GroupUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    KeyId = table.Column<long>(type: "bigint", nullable: false),
                    MadeAt = table.Column<long>(type: "bigint", nullable: false),
                    Stage = table.Column<int>(type: "integer", nullable: false),
                    RetiresAt = table.Column<long>(type: "bigint", nullable: true),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_keys", x => new { x.GroupUri, x.KeyId });
                });

            migrationBuilder.CreateTable(
                name: "group_members",
                columns: table => new
                {
                    GroupUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    MemberUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_members", x => new { x.GroupUri, x.MemberUri });
                });

            migrationBuilder.CreateTable(
                name: "group_users",
                columns: table => new
                {
                    MemberUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    IsBarred = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_users", x => x.MemberUri);
                });

            migrationBuilder.CreateTable(
                name: "groups",
                columns: table => new
                {
                    GroupUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Xui = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    Name = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    IsDeleted = table.Column<bool>(type: "boolean", nullable: false),
                    NeedsKey = table.Column<bool>(type: "boolean", nullable: false),
                    KeysDue = table.Column<bool>(type: "boolean", nullable: false),
                    RenewalAsked = table.Column<bool>(type: "boolean", nullable: false),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_groups", x => x.GroupUri);
                });

            migrationBuilder.CreateTable(
                name: "mcx_bindings",
                columns: table => new
                {
                    Service = table.Column<int>(type: "integer", nullable: false),
                    ServiceId = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    ClientId = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    Impu = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Instance = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false, collation: "C"),
                    TokenIssuedAt = table.Column<long>(type: "bigint", nullable: true),
                    Source = table.Column<int>(type: "integer", nullable: false),
                    AuthorizedAt = table.Column<long>(type: "bigint", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false),
                    EntityTag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    Settings = table.Column<byte[]>(type: "bytea", maxLength: 65536, nullable: true),
                    AnswerMode = table.Column<int>(type: "integer", nullable: true),
                    ProfileIndex = table.Column<int>(type: "integer", nullable: true),
                    CskId = table.Column<long>(type: "bigint", nullable: true),
                    Csk = table.Column<byte[]>(type: "bytea", maxLength: 512, nullable: true),
                    CskMessage = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    AffiliationDueAt = table.Column<long>(type: "bigint", nullable: true),
                    AffiliationAttempts = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_bindings", x => new { x.Service, x.ServiceId, x.ClientId });
                });

            migrationBuilder.CreateTable(
                name: "mcx_ended_tokens",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false, collation: "C"),
                    EndedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_ended_tokens", x => new { x.Issuer, x.Subject });
                });

            migrationBuilder.CreateTable(
                name: "mcx_key_downloads",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Service = table.Column<int>(type: "integer", nullable: false),
                    ServiceId = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    ClientId = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    KeyId = table.Column<long>(type: "bigint", nullable: false),
                    Key = table.Column<byte[]>(type: "bytea", maxLength: 512, nullable: true),
                    Groups = table.Column<string>(type: "character varying(16384)", maxLength: 16384, nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    LastStatus = table.Column<int>(type: "integer", nullable: true),
                    MadeAt = table.Column<long>(type: "bigint", nullable: false),
                    DueAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_key_downloads", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "mcx_opened_messages",
                columns: table => new
                {
                    Digest = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    Service = table.Column<int>(type: "integer", nullable: false),
                    ForgetAfter = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_opened_messages", x => new { x.Digest, x.Service });
                });

            migrationBuilder.CreateTable(
                name: "mcx_registrations",
                columns: table => new
                {
                    Impu = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Instance = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    Services = table.Column<int>(type: "integer", nullable: false),
                    CallId = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_registrations", x => new { x.Impu, x.Instance });
                });

            migrationBuilder.CreateTable(
                name: "mcx_settings_subscriptions",
                columns: table => new
                {
                    LocalTag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Service = table.Column<int>(type: "integer", nullable: false),
                    ServiceId = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Dialog = table.Column<string>(type: "character varying(32768)", maxLength: 32768, nullable: false, collation: "C"),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false),
                    DueAt = table.Column<long>(type: "bigint", nullable: true),
                    Version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_settings_subscriptions", x => x.LocalTag);
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false, collation: "C"),
                    CallId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Realm = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Owner = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Dialog = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false),
                    AuthenticatedAt = table.Column<long>(type: "bigint", nullable: false),
                    IsOwed = table.Column<bool>(type: "boolean", nullable: false),
                    EndReason = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    BusyUntil = table.Column<long>(type: "bigint", nullable: false),
                    Failures = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscriptions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "xcap_changes",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Auid = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false, collation: "C"),
                    Xui = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false, collation: "C"),
                    PreviousETag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    NewETag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_xcap_changes", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "xcap_documents",
                columns: table => new
                {
                    Auid = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false, collation: "C"),
                    Xui = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false, collation: "C"),
                    ETag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Content = table.Column<byte[]>(type: "bytea", nullable: false),
                    ChangedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_xcap_documents", x => new { x.Auid, x.Xui, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "group_key_holders",
                columns: table => new
                {
                    GroupUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    KeyId = table.Column<long>(type: "bigint", nullable: false),
                    MemberUri = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    DeliveredAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_key_holders", x => new { x.GroupUri, x.KeyId, x.MemberUri });
                    table.ForeignKey(
                        name: "FK_group_key_holders_group_keys_GroupUri_KeyId",
                        columns: x => new { x.GroupUri, x.KeyId },
                        principalTable: "group_keys",
                        principalColumns: new[] { "GroupUri", "KeyId" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "mcx_affiliations",
                columns: table => new
                {
                    Service = table.Column<int>(type: "integer", nullable: false),
                    ServiceId = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    ClientId = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false, collation: "C"),
                    GroupId = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false, collation: "C"),
                    AffiliatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mcx_affiliations", x => new { x.Service, x.ServiceId, x.ClientId, x.GroupId });
                    table.ForeignKey(
                        name: "FK_mcx_affiliations_mcx_bindings_Service_ServiceId_ClientId",
                        columns: x => new { x.Service, x.ServiceId, x.ClientId },
                        principalTable: "mcx_bindings",
                        principalColumns: new[] { "Service", "ServiceId", "ClientId" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "subscription_resources",
                columns: table => new
                {
                    SubscriptionId = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false, collation: "C"),
                    Ordinal = table.Column<int>(type: "integer", nullable: false),
                    Selector = table.Column<string>(type: "character varying(8192)", maxLength: 8192, nullable: false, collation: "C"),
                    Auid = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Xui = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ToldETag = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SeenETag = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscription_resources", x => new { x.SubscriptionId, x.Ordinal });
                    table.ForeignKey(
                        name: "FK_subscription_resources_subscriptions_SubscriptionId",
                        column: x => x.SubscriptionId,
                        principalTable: "subscriptions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_group_key_holders_MemberUri",
                table: "group_key_holders",
                column: "MemberUri");

            migrationBuilder.CreateIndex(
                name: "IX_group_key_revocations_MadeAt",
                table: "group_key_revocations",
                column: "MadeAt");

            migrationBuilder.CreateIndex(
                name: "IX_group_keys_Stage_RetiresAt",
                table: "group_keys",
                columns: new[] { "Stage", "RetiresAt" });

            migrationBuilder.CreateIndex(
                name: "IX_group_members_MemberUri",
                table: "group_members",
                column: "MemberUri");

            migrationBuilder.CreateIndex(
                name: "IX_group_users_Issuer_Subject",
                table: "group_users",
                columns: new[] { "Issuer", "Subject" });

            migrationBuilder.CreateIndex(
                name: "IX_groups_KeysDue",
                table: "groups",
                column: "KeysDue");

            migrationBuilder.CreateIndex(
                name: "IX_groups_Xui_Name",
                table: "groups",
                columns: new[] { "Xui", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_mcx_affiliations_Service_GroupId",
                table: "mcx_affiliations",
                columns: new[] { "Service", "GroupId" });

            migrationBuilder.CreateIndex(
                name: "IX_mcx_bindings_AffiliationDueAt",
                table: "mcx_bindings",
                column: "AffiliationDueAt");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_bindings_ExpiresAt",
                table: "mcx_bindings",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_bindings_Issuer_Subject",
                table: "mcx_bindings",
                columns: new[] { "Issuer", "Subject" });

            migrationBuilder.CreateIndex(
                name: "IX_mcx_bindings_Service_Impu",
                table: "mcx_bindings",
                columns: new[] { "Service", "Impu" });

            migrationBuilder.CreateIndex(
                name: "IX_mcx_ended_tokens_EndedAt",
                table: "mcx_ended_tokens",
                column: "EndedAt");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_key_downloads_Service_ServiceId_ClientId",
                table: "mcx_key_downloads",
                columns: new[] { "Service", "ServiceId", "ClientId" });

            migrationBuilder.CreateIndex(
                name: "IX_mcx_key_downloads_State_DueAt",
                table: "mcx_key_downloads",
                columns: new[] { "State", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_mcx_opened_messages_ForgetAfter",
                table: "mcx_opened_messages",
                column: "ForgetAfter");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_registrations_ExpiresAt",
                table: "mcx_registrations",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_settings_subscriptions_DueAt",
                table: "mcx_settings_subscriptions",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_mcx_settings_subscriptions_Service_ServiceId",
                table: "mcx_settings_subscriptions",
                columns: new[] { "Service", "ServiceId" });

            migrationBuilder.CreateIndex(
                name: "IX_subscription_resources_Auid_Xui_Name",
                table: "subscription_resources",
                columns: new[] { "Auid", "Xui", "Name" });

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_ExpiresAt",
                table: "subscriptions",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_Issuer_Subject",
                table: "subscriptions",
                columns: new[] { "Issuer", "Subject" });

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_Realm_Owner",
                table: "subscriptions",
                columns: new[] { "Realm", "Owner" });

            migrationBuilder.CreateIndex(
                name: "IX_xcap_changes_At",
                table: "xcap_changes",
                column: "At");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "group_key_holders");

            migrationBuilder.DropTable(
                name: "group_key_revocations");

            migrationBuilder.DropTable(
                name: "group_members");

            migrationBuilder.DropTable(
                name: "group_users");

            migrationBuilder.DropTable(
                name: "groups");

            migrationBuilder.DropTable(
                name: "mcx_affiliations");

            migrationBuilder.DropTable(
                name: "mcx_ended_tokens");

            migrationBuilder.DropTable(
                name: "mcx_key_downloads");

            migrationBuilder.DropTable(
                name: "mcx_opened_messages");

            migrationBuilder.DropTable(
                name: "mcx_registrations");

            migrationBuilder.DropTable(
                name: "mcx_settings_subscriptions");

            migrationBuilder.DropTable(
                name: "subscription_resources");

            migrationBuilder.DropTable(
                name: "xcap_changes");

            migrationBuilder.DropTable(
                name: "xcap_documents");

            migrationBuilder.DropTable(
                name: "group_keys");

            migrationBuilder.DropTable(
                name: "mcx_bindings");

            migrationBuilder.DropTable(
                name: "subscriptions");
        }
    }
}
