using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Generations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Issuance_Generation_PeriodNumber_UserUri_Issuer_Subject",
                table: "Issuance");

            migrationBuilder.DropIndex(
                name: "IX_Issuance_UserId_Generation",
                table: "Issuance");

            migrationBuilder.AddColumn<string>(
                name: "KmsUri",
                table: "Issuance",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "SecretsGeneration",
                table: "Issuance",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "SecretsGeneration",
                table: "Domain",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "State",
                table: "Domain",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "StateChangedAt",
                table: "Domain",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "ValidFrom",
                table: "Domain",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ValidTo",
                table: "Domain",
                type: "INTEGER",
                nullable: true);

            // Earlier versions had one domain with one generation.
            migrationBuilder.Sql("UPDATE \"Domain\" SET \"SecretsGeneration\" = \"Generation\", \"State\" = 1, \"StateChangedAt\" = \"CreatedAt\";");
            migrationBuilder.Sql("UPDATE \"Issuance\" SET \"SecretsGeneration\" = \"Generation\", \"KmsUri\" = coalesce((SELECT \"KmsUri\" FROM \"Domain\" LIMIT 1), '');");

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_PeriodNumber_UserUri",
                table: "Issuance",
                columns: new[] { "PeriodNumber", "UserUri" });

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_UserId_Generation_Issuer_Subject",
                table: "Issuance",
                columns: new[] { "UserId", "Generation", "Issuer", "Subject" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Issuance_PeriodNumber_UserUri",
                table: "Issuance");

            migrationBuilder.DropIndex(
                name: "IX_Issuance_UserId_Generation_Issuer_Subject",
                table: "Issuance");

            migrationBuilder.DropColumn(
                name: "KmsUri",
                table: "Issuance");

            migrationBuilder.DropColumn(
                name: "SecretsGeneration",
                table: "Issuance");

            migrationBuilder.DropColumn(
                name: "SecretsGeneration",
                table: "Domain");

            migrationBuilder.DropColumn(
                name: "State",
                table: "Domain");

            migrationBuilder.DropColumn(
                name: "StateChangedAt",
                table: "Domain");

            migrationBuilder.DropColumn(
                name: "ValidFrom",
                table: "Domain");

            migrationBuilder.DropColumn(
                name: "ValidTo",
                table: "Domain");

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_Generation_PeriodNumber_UserUri_Issuer_Subject",
                table: "Issuance",
                columns: new[] { "Generation", "PeriodNumber", "UserUri", "Issuer", "Subject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Issuance_UserId_Generation",
                table: "Issuance",
                columns: new[] { "UserId", "Generation" });
        }
    }
}
