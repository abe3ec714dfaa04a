using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Audit",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    PreviousHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Time = table.Column<long>(type: "bigint", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    CorrelationId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UserUri = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Service = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    KeyPeriodNumber = table.Column<long>(type: "bigint", nullable: true),
                    UserId = table.Column<byte[]>(type: "bytea", nullable: false),
                    PublicTokenHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    IntentSequence = table.Column<long>(type: "bigint", nullable: true),
                    Result = table.Column<int>(type: "integer", nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "Domain",
                columns: table => new
                {
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    SecretsGeneration = table.Column<int>(type: "integer", nullable: false),
                    PeriodSeconds = table.Column<long>(type: "bigint", nullable: false),
                    OffsetSeconds = table.Column<long>(type: "bigint", nullable: false),
                    PublicAuthenticationKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    PublicEncryptionKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    CertUri = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Issuer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Domains = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    IsLabData = table.Column<bool>(type: "boolean", nullable: false),
                    ValidFrom = table.Column<long>(type: "bigint", nullable: true),
                    ValidTo = table.Column<long>(type: "bigint", nullable: true),
                    State = table.Column<int>(type: "integer", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    StateChangedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Domain", x => new { x.KmsUri, x.Generation });
                });

            migrationBuilder.CreateTable(
                name: "Issuance",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    SecretsGeneration = table.Column<int>(type: "integer", nullable: false),
                    PeriodNumber = table.Column<long>(type: "bigint", nullable: false),
                    UserUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserId = table.Column<byte[]>(type: "bytea", nullable: false),
                    PublicTokenHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    FirstOutcome = table.Column<long>(type: "bigint", nullable: false),
                    LastOutcome = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Issuance", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_PeriodNumber_UserUri",
                table: "Issuance",
                columns: new[] { "PeriodNumber", "UserUri" });

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_UserId_Generation_Issuer_Subject",
                table: "Issuance",
                columns: new[] { "UserId", "Generation", "Issuer", "Subject" },
                unique: true);

            // The log is append-only for everyone who comes through PostgreSQL; the hash chain finds who does not.
            migrationBuilder.Sql("""
                CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
                CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "Audit"
                FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.Sql("DROP FUNCTION audit_append_only();");

            migrationBuilder.DropTable(
                name: "Domain");

            migrationBuilder.DropTable(
                name: "Issuance");
        }
    }
}
