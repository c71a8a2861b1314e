"""Company A: smart appliances, before and after it turned to its customers, April 2023 to March 2025."""

from collections.abc import Sequence

from datasets.make.company_a import customers, programme, sales, service, staff, use, voices
from datasets.make.package import Row


def tables() -> dict[str, Sequence[Row]]:
    """Every table of the company by name."""
    everyone = customers.customers()
    owned = customers.devices(everyone)
    employees = staff.employees()
    sold = sales.sales_rows()
    return {
        "programme": programme.programme_rows(),
        "products": sales.product_rows(),
        "sales": sold,
        "demand": sales.demand_rows(sold),
        "customers": customers.customer_rows(everyone),
        "devices": customers.device_rows(owned),
        "customer_survey": voices.customer_survey_rows(everyone, owned),
        "interviews": voices.interview_rows(everyone),
        "user_tests": use.user_test_rows(),
        "usage": use.usage_rows(owned),
        "tickets": service.ticket_rows(owned),
        "social": voices.social_rows(),
        "campaigns": programme.campaign_rows(),
        "brand_tracking": voices.brand_rows(),
        "employees": staff.employee_rows(employees),
        "employee_survey": staff.employee_survey_rows(employees),
        "training_records": staff.training_rows(employees),
        "projects": programme.project_rows(),
    }
