-- What Neutron's migrations leave in an empty database at 2026.1: the heads of its two branches, and the rules a new
-- security group is given.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version (version_num) VALUES ('5c85685d616d'), ('b1bca967e19d');
INSERT INTO standardattributes (id, resource_type, description, revision_number) VALUES
	(1, 'securitygroupdefaultrules', 'Legacy default SG rule for egress traffic', 0),
	(2, 'securitygroupdefaultrules', 'Legacy default SG rule for egress traffic', 0),
	(3, 'securitygroupdefaultrules', 'Legacy default SG rule for ingress traffic', 0),
	(4, 'securitygroupdefaultrules', 'Legacy default SG rule for ingress traffic', 0);
INSERT INTO securitygroupdefaultrules
	(id, standard_attr_id, remote_group_id, direction, ethertype, used_in_default_sg, used_in_non_default_sg) VALUES
	('1133f4ab-cc0e-403d-9227-5ea934046ee2', 3, 'PARENT', 'ingress', 'IPv4', 1, 0),
	('3df0eed6-3df1-42fd-8bb6-9c52e90c6d96', 4, 'PARENT', 'ingress', 'IPv6', 1, 0),
	('4d4bc064-7cbc-4992-a628-89f2ee90c891', 2, NULL, 'egress', 'IPv6', 1, 1),
	('af94d098-9fad-496d-a1e2-52c1ffb4aa2e', 1, NULL, 'egress', 'IPv4', 1, 1);
