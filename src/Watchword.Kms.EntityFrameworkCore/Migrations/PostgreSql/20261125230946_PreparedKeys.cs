using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class PreparedKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Preparation",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    PeriodNumber = table.Column<long>(type: "bigint", nullable: false),
                    Source = table.Column<int>(type: "integer", nullable: false),
                    SourceGeneration = table.Column<int>(type: "integer", nullable: false),
                    SourcePeriod = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Total = table.Column<long>(type: "bigint", nullable: false),
                    Done = table.Column<long>(type: "bigint", nullable: false),
                    LeftOut = table.Column<long>(type: "bigint", nullable: false),
                    Cursor = table.Column<long>(type: "bigint", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    UpdatedAt = table.Column<long>(type: "bigint", nullable: false),
                    RunSince = table.Column<long>(type: "bigint", nullable: false),
                    RunFrom = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    LeaseUntil = table.Column<long>(type: "bigint", nullable: false),
                    SealerId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Fault = table.Column<int>(type: "integer", nullable: false),
                    ByIssuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    BySubject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ByRole = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CorrelationId = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Preparation", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PreparationItem",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    PreparationId = table.Column<long>(type: "bigint", nullable: false),
                    Issuer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserUri = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PreparationItem", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "PreparedKey",
                columns: table => new
                {
                    PreparationId = table.Column<long>(type: "bigint", nullable: false),
                    UserId = table.Column<byte[]>(type: "bytea", nullable: false),
                    TransportKeyId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Holder = table.Column<byte[]>(type: "bytea", nullable: false),
                    Identity = table.Column<byte[]>(type: "bytea", nullable: false),
                    Sealed = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PreparedKey", x => new { x.PreparationId, x.UserId, x.TransportKeyId });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Preparation_KmsUri_Generation_PeriodNumber",
                table: "Preparation",
                columns: new[] { "KmsUri", "Generation", "PeriodNumber" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PreparationItem_PreparationId_Number",
                table: "PreparationItem",
                columns: new[] { "PreparationId", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_PreparedKey_Holder",
                table: "PreparedKey",
                column: "Holder");

            migrationBuilder.CreateIndex(
                name: "IX_PreparedKey_Identity",
                table: "PreparedKey",
                column: "Identity");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Preparation");

            migrationBuilder.DropTable(
                name: "PreparationItem");

            migrationBuilder.DropTable(
                name: "PreparedKey");
        }
    }
}
