using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Standing : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Detail",
                table: "Audit",
                type: "text",
                nullable: true,
                collation: "C");

            // Records of earlier versions, and of a node of an earlier version that still runs, are of format 1.
            migrationBuilder.AddColumn<int>(
                name: "Format",
                table: "Audit",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "KeySets",
                table: "Audit",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "Role",
                table: "Audit",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.CreateTable(
                name: "AuditCheckpoint",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Time = table.Column<long>(type: "bigint", nullable: false),
                    KeyId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Signature = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditCheckpoint", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "AuditKey",
                columns: table => new
                {
                    KeyId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PublicKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    FirstSequence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditKey", x => x.KeyId);
                });

            migrationBuilder.CreateTable(
                name: "IdentityOverride",
                columns: table => new
                {
                    UserId = table.Column<byte[]>(type: "bytea", nullable: false),
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PeriodNumber = table.Column<long>(type: "bigint", nullable: false),
                    ByIssuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    BySubject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ByRole = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IdentityOverride", x => new { x.UserId, x.Issuer, x.Subject });
                });

            migrationBuilder.CreateTable(
                name: "IssuerEvents",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Epoch = table.Column<long>(type: "bigint", nullable: false),
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    LastId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SnapshotComplete = table.Column<bool>(type: "boolean", nullable: false),
                    CompleteAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IssuerEvents", x => x.Issuer);
                });

            migrationBuilder.CreateTable(
                name: "Replay",
                columns: table => new
                {
                    Digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    Expires = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Replay", x => x.Digest);
                });

            migrationBuilder.CreateTable(
                name: "Subject",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    TokensEndedAt = table.Column<long>(type: "bigint", nullable: true),
                    Epoch = table.Column<long>(type: "bigint", nullable: false),
                    ChangedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Subject", x => new { x.Issuer, x.Subject });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Replay_Expires",
                table: "Replay",
                column: "Expires");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AuditCheckpoint");

            migrationBuilder.DropTable(
                name: "AuditKey");

            migrationBuilder.DropTable(
                name: "IdentityOverride");

            migrationBuilder.DropTable(
                name: "IssuerEvents");

            migrationBuilder.DropTable(
                name: "Replay");

            migrationBuilder.DropTable(
                name: "Subject");

            migrationBuilder.DropColumn(
                name: "Detail",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "Format",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "KeySets",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "Role",
                table: "Audit");
        }
    }
}
