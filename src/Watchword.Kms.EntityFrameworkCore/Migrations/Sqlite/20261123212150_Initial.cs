using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.Sqlite
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
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    PreviousHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Time = table.Column<long>(type: "INTEGER", nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    KmsUri = table.Column<string>(type: "TEXT", nullable: false),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    CorrelationId = table.Column<string>(type: "TEXT", nullable: false),
                    Issuer = table.Column<string>(type: "TEXT", nullable: true),
                    Subject = table.Column<string>(type: "TEXT", nullable: true),
                    UserUri = table.Column<string>(type: "TEXT", nullable: true),
                    Service = table.Column<string>(type: "TEXT", nullable: true),
                    KeyPeriodNumber = table.Column<long>(type: "INTEGER", nullable: true),
                    UserId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PublicTokenHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    IntentSequence = table.Column<long>(type: "INTEGER", nullable: true),
                    Result = table.Column<int>(type: "INTEGER", nullable: false),
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "Domain",
                columns: table => new
                {
                    KmsUri = table.Column<string>(type: "TEXT", nullable: false),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    PeriodSeconds = table.Column<long>(type: "INTEGER", nullable: false),
                    OffsetSeconds = table.Column<long>(type: "INTEGER", nullable: false),
                    PublicAuthenticationKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PublicEncryptionKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    CertUri = table.Column<string>(type: "TEXT", nullable: true),
                    Issuer = table.Column<string>(type: "TEXT", nullable: true),
                    Domains = table.Column<string>(type: "TEXT", nullable: false),
                    IsLabData = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Domain", x => new { x.KmsUri, x.Generation });
                });

            migrationBuilder.CreateTable(
                name: "Issuance",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    PeriodNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    UserUri = table.Column<string>(type: "TEXT", nullable: false),
                    Issuer = table.Column<string>(type: "TEXT", nullable: false),
                    Subject = table.Column<string>(type: "TEXT", nullable: false),
                    UserId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PublicTokenHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    FirstOutcome = table.Column<long>(type: "INTEGER", nullable: false),
                    LastOutcome = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Issuance", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_Generation_PeriodNumber_UserUri_Issuer_Subject",
                table: "Issuance",
                columns: new[] { "Generation", "PeriodNumber", "UserUri", "Issuer", "Subject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_UserId_Generation",
                table: "Issuance",
                columns: new[] { "UserId", "Generation" });

            // The log is append-only for everyone who comes through SQLite; the hash chain finds who does not.
            migrationBuilder.Sql("CREATE TRIGGER Audit_no_update BEFORE UPDATE ON Audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;");
            migrationBuilder.Sql("CREATE TRIGGER Audit_no_delete BEFORE DELETE ON Audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.DropTable(
                name: "Domain");

            migrationBuilder.DropTable(
                name: "Issuance");
        }
    }
}
